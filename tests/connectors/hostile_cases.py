"""What a hostile source may do, as data for `test_hostile.py`: how it answers, and how a run of it has to end."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.connectors.hostile import (
    LAST_PARTS,
    Change,
    Greet,
    Message,
    Values,
    as_binary,
    greet,
    honest,
    int4,
    packed,
    row,
    rows_of,
    wire,
    with_rows,
    with_types,
)
from tests.connectors.hostile_greetings import (
    encoding,
    endless_greeting,
    hangs_up,
    hard_work,
    says,
    says_nothing,
)

SAFE = ""  # the run succeeds, and what the source says is shown so that it does no harm
# What the deadline of a statement and of connecting are set to, so that nobody waits for what never comes.
SHORT_SECONDS = 1.5
# Which column of an answer holds what. `relations`: see the head of its file.
_OID, _SCHEMA, _NAME, _KIND, _OWNER, _ROWS, _PAGES, _ATTRIBUTES = 0, 1, 2, 3, 4, 6, 7, 9


@dataclass(frozen=True)
class Case:
    """One lie. what: the lie. code: how the run ends, or SAFE. is_slow: it needs the short deadline."""

    name: str
    what: str
    code: str
    change: Change = honest
    greet: Greet = greet
    is_slow: bool = False


def _rows(statement: str, change: Callable[[list[Values]], Iterable[Values]]) -> Change:
    """Change the rows of a statement's answers."""

    def changed(name: str, _: int, messages: list[Message]) -> Iterator[bytes]:
        rows = rows_of(messages)
        yield wire(with_rows(messages, change(rows)) if name == statement and rows else messages)

    return changed


def _value(statement: str, column: int, value: bytes | None, number: int = 0) -> Change:
    """Change one value: of the so-manieth row, counted from the end where negative."""

    def change(rows: list[Values]) -> list[Values]:
        rows[number][column] = value
        return rows

    return _rows(statement, change)


def _each(statement: str, values: dict[int, bytes]) -> Change:
    """Change values of every row, by their place."""

    def change(rows: list[Values]) -> list[Values]:
        return [[values.get(place, value) for place, value in enumerate(one)] for one in rows]

    return _rows(statement, change)


def _always(statement: str, answer: Callable[[list[Message]], Iterator[bytes]]) -> Change:
    """Answer one statement with something else altogether."""

    def changed(name: str, _: int, messages: list[Message]) -> Iterator[bytes]:
        if name == statement:
            yield from answer(messages)
        else:
            yield wire(messages)

    return changed


def _head(messages: list[Message]) -> bytes:
    return wire(one for one in messages if one[0] in (b"1", b"2", b"T"))


def _end(messages: list[Message]) -> bytes:
    return wire(one for one in messages if one[0] in LAST_PARTS)


def _error(code: bytes, text: bytes) -> bytes:
    return packed(b"E", b"SERROR\0VERROR\0C" + code + b"\0M" + text + b"\0\0")


def _twice(rows: list[Values]) -> list[Values]:
    return [*rows, [b"%d" % (int(rows[-1][_OID] or 0) + 1), *rows[0][1:]]]


def _endless_rows(messages: list[Message]) -> Iterator[bytes]:
    yield _head(messages)
    some = wire([row(rows_of(messages)[0])]) * 1000
    while True:
        yield some


def _endless_nulls(messages: list[Message]) -> Iterator[bytes]:
    yield _head(messages)
    some = wire([row([None] * len(rows_of(messages)[0]))]) * 1000
    while True:
        yield some


def _unasked(message: bytes) -> Callable[[list[Message]], Iterator[bytes]]:
    def answer(messages: list[Message]) -> Iterator[bytes]:
        yield _head(messages)
        while True:
            yield message * 1000

    return answer


def _gigabyte(*, is_sent: bool) -> Callable[[list[Message]], Iterator[bytes]]:
    def answer(messages: list[Message]) -> Iterator[bytes]:
        yield _head(messages)
        size = 2**30 - 2**16
        body = struct.pack("!H", 3) + struct.pack("!I", 4) + b"1000" + struct.pack("!I", size)
        yield b"D" + struct.pack("!I", 4 + len(body) + size + 8) + body
        for _ in range(1024 if is_sent else 1):
            yield b"x" * 2**20
        time.sleep(30)

    return answer


def _always_more(name: str, number: int, messages: list[Message]) -> Iterator[bytes]:
    """Invent relations for ever: each batch is followed by another, with oids that rise."""
    if name != "relations":
        yield wire(messages)
        return
    first = rows_of(messages)
    if first:
        _always_more.seen = (messages, first[0])  # type: ignore[attr-defined]
    messages, one = _always_more.seen  # type: ignore[attr-defined]
    rows = [
        [b"%d" % (100_000 + number * 2000 + n), one[1], b"t%d" % (number * 2000 + n), *one[3:]]
        for n in range(2000)
    ]
    yield wire(with_rows(messages, rows))


def _same_batch(name: str, _: int, messages: list[Message]) -> Iterator[bytes]:
    """Give the first batch of relations again and again."""
    if name == "relations" and rows_of(messages):
        _same_batch.seen = messages  # type: ignore[attr-defined]
    yield wire(_same_batch.seen if name == "relations" else messages)  # type: ignore[attr-defined]


def _cut_short(after: str, count: int) -> Change:
    def changed(name: str, _: int, messages: list[Message]) -> Iterator[bytes]:
        yield wire(messages)[:count] if name == after else wire(messages)
        if name == after:
            raise EOFError

    return changed


def _silent(name: str, _: int, messages: list[Message]) -> Iterator[bytes]:
    if name == "columns":
        time.sleep(30)
    yield wire(messages)


def _trickle(name: str, _: int, messages: list[Message]) -> Iterator[bytes]:
    """One byte every fiftieth of a second, without an end."""
    if name != "columns":
        yield wire(messages)
        return
    for byte in wire(messages):
        yield bytes([byte])
        time.sleep(0.02)


def _fields(count: int) -> Callable[[list[Message]], Iterator[bytes]]:
    def answer(messages: list[Message]) -> Iterator[bytes]:
        field = b"a\0" + struct.pack("!IHIhiH", 0, 0, 25, -1, -1, 1)
        yield wire([(b"1", b""), (b"2", b""), (b"T", struct.pack("!H", count) + field * count)])
        yield wire([row([b"x"] * count)])
        yield _end(messages)

    return answer


def _binary(value: bytes) -> Callable[[list[Message]], Iterator[bytes]]:
    """Say that all of an answer is binary, and what its values are."""

    def answer(messages: list[Message]) -> Iterator[bytes]:
        count = len(rows_of(messages)[0])
        changed = with_rows(messages, [[value] * count])
        yield wire((kind, as_binary(payload) if kind == b"T" else payload) for kind, payload in changed)

    return answer


def _other(*messages: Message) -> Callable[[list[Message]], Iterator[bytes]]:
    def answer(recorded: list[Message]) -> Iterator[bytes]:
        yield wire([(b"1", b""), (b"2", b""), *messages])
        yield _end(recorded)

    return answer


def _idle_status(name: str, _: int, messages: list[Message]) -> Iterator[bytes]:
    """Say at the end of every answer that there is no transaction."""
    yield wire((kind, b"I" if kind == b"Z" else payload) for kind, payload in messages)


def _many(statement: str, column: int, text: bytes) -> Change:
    def change(rows: list[Values]) -> list[Values]:
        for one in rows:
            one[column] = text
        return rows

    return _rows(statement, change)


def _named_for(statement: str, column: int, text: bytes) -> Change:
    """Put a text before every name, so that all stay different."""

    def change(rows: list[Values]) -> list[Values]:
        for one in rows:
            one[column] = text + (one[column] or b"")
        return rows

    return _rows(statement, change)


def _cycle(rows: list[Values]) -> list[Values]:
    """Make each relation the parent of the one before it, and the first of the last."""
    names = [one[3] for one in rows]
    for one, name in zip(rows, [*names[1:], names[0]], strict=True):
        one[3] = name
    return rows


_LIE = "source.implausible"
_LARGE = "source.answer_too_large"
_GONE = "source.disconnected"

NAMES = (
    Case("a name of a million characters", "a table's name has 1,048,576 characters", _LIE, _value("relations", _NAME, b"x" * 2**20)),
    Case("a name of two thousand characters", "a table's name has 2,000 characters", _LIE, _value("relations", _NAME, b"x" * 2000)),
    Case("a path of too many bytes", "a table's and its schema's name fit, but not together in an index", _LIE, _value("relations", _NAME, "\u6f22".encode() * 900)),
    Case("an empty name", "a table has no name", _LIE, _value("relations", _NAME, b"")),
    Case("no name at all", "a table's name is NULL", _LIE, _value("relations", _NAME, None)),
    Case("a NUL in a name", "a table's name holds a NUL", _LIE, _value("relations", _NAME, b"a\0b")),
    Case("a column of a million characters", "a column's name has 1,048,576 characters", _LIE, _value("columns", 0, b"x" * 2**20, number=-1)),
    Case("an empty column", "a column has no name", _LIE, _each("columns", {0: b""})),
    Case("the same table twice", "two tables of one schema have one name", _LIE, _rows("relations", _twice)),
    Case("the same column twice", "all columns of a table have one name", _LIE, _many("columns", 0, b"same")),
    Case("an endless type", "columns have types of 10,000 characters", _LIE, _each("columns", {2: b"x" * 10_000})),
    Case("bytes that are no text", "a table's name is not UTF-8", _LIE, _value("relations", _NAME, b"\xff\xfe\xfd")),
    Case("half a character", "a name holds half of a UTF-16 pair", _LIE, _value("relations", _NAME, b"a\xed\xa0\x80b")),
    Case("an overlong encoding", "a name spells a slash with two bytes", _LIE, _value("relations", _NAME, b"a\xc0\xafb")),
    Case("control characters in names", "names begin with terminal escapes", SAFE, _named_for("relations", _NAME, b"\x1b[2J\x1b]0;title\x07\r\n\t")),
    Case("names that run the other way", "names hold characters that turn the direction of writing", SAFE, _named_for("relations", _NAME, "\u202e\u2066txt.".encode())),
    Case("HTML in names", "names are HTML with a script", SAFE, _named_for("relations", _NAME, b"<img src=x onerror=alert(1)><script>alert(2)</script>")),
    Case("SQL in names", "names end a statement of ours", SAFE, _named_for("relations", _NAME, b"'; DROP TABLE catalog_asset; --")),
    Case("HTML in columns", "columns are named in HTML", SAFE, _named_for("columns", 0, b"<script>alert(1)</script>")),
    Case("a comment of 20 MB", "a table's comment has 20 million characters", SAFE, _value("comments", 2, b"y" * 20_000_000)),
    Case("NULs in comments", "comments hold NULs", SAFE, _many("comments", 2, b"a\0b")),
    Case("HTML in comments", "comments are HTML with a script", SAFE, _many("comments", 2, b"</p><script>alert(1)</script>")),
    Case("a definition of 20 MB", "a view's text has 20 million characters", SAFE, _value("view_definitions", 1, b"SELECT " + b"a, " * 6_600_000 + b"b")),
    Case("deep parentheses", "a view's text opens a million parentheses", SAFE, _value("view_definitions", 1, b"SELECT " + b"(" * 1_000_000)),
    Case("a name of quotes alone", "a trigger's text is one quoted name, of forty quotes in pairs, without a condition", SAFE, _value("trigger_definitions", 1, b'CREATE TRIGGER "a' + b'""a' * 40 + b'" x')),
    Case("a default that nobody asked for", "a default stands where our statement has nothing", SAFE, _each("columns", {4: b"'canary-7431'::text", 5: b"canary-7431"})),
    Case("a text without an end", "a view's text ends in the middle of a literal", SAFE, _value("view_definitions", 1, b"SELECT 'canary-7431")),
)  # fmt: skip

FIGURES = (
    Case("not a number", "tables have NaN rows", SAFE, _each("relations", {_ROWS: b"NaN"})),
    Case("infinitely many rows", "tables have infinitely many rows", SAFE, _each("relations", {_ROWS: b"Infinity"})),
    Case("more rows than there are numbers", "tables have 1e300 rows", SAFE, _each("relations", {_ROWS: b"1e300"})),
    Case("fewer rows than none", "a table has -5 rows and -5 pages", SAFE, _each("relations", {_ROWS: b"-5", _PAGES: b"-5"})),
    Case("a billion columns", "tables say that they have 2,000,000,000 columns", SAFE, _each("relations", {_ATTRIBUTES: b"2000000000"})),
    Case("positions below zero", "columns stand in place -7", _LIE, _each("columns", {1: b"-7"})),
    Case("a number that is none", "an oid is a word", _LIE, _value("relations", _OID, b"one")),
    Case("a number without digits", "an oid is an empty text", _LIE, _value("relations", _OID, b"")),
    Case("a number of a million digits", "an oid has a million digits", _LIE, _value("relations", _OID, b"9" * 1_000_000)),
    Case("a size beyond bigint", "a table has 1e18 pages", SAFE, _each("relations", {_PAGES: b"1000000000000000000"})),
    Case("a binary array of two thousand million", "an answer comes as binary, with an array of 2,147,483,647 elements", _LIE, _always("enum_labels", _binary(struct.pack("!iiIii", 1, 0, 25, 2**31 - 1, 1)))),
    Case("a binary number that is too short", "an answer comes as binary, with numbers of no bytes", _LIE, _always("enum_labels", _binary(b""))),
    Case("an array in an array in an array", "an array has 100,000 dimensions", _LIE, _value("enum_labels", 1, b"{" * 100_000 + b"x" + b"}" * 100_000)),
    Case("an array that is cut off", "an array ends in the middle", _LIE, _value("enum_labels", 1, b'{a,"b')),
    Case("an array deep in an array", "of an array's two elements the second is 930 arrays in each other", _LIE, _value("enum_labels", 1, b"{x," + b"{" * 930 + b"y" + b"}" * 930 + b"}")),
    Case("an array of arrays", "an array of words holds arrays", _LIE, _value("enum_labels", 1, b"{{a},{b}}")),
    Case("oids that do not rise", "the same batch of tables again and again", _LIE, _same_batch),
    Case("tables without an end", "always another batch of tables, with oids that rise", _LIE, _always_more),
)  # fmt: skip

SHAPES = (
    Case("an unknown kind of table", "a table is of the kind 'Z'", _LIE, _value("relations", _KIND, b"Z")),
    Case("a fraction instead of a number", "a sequence begins at NaN", _LIE, _always("sequences", lambda m: iter([wire(with_rows(with_types(m, {6: 701}), [[*one[:6], b"NaN", *one[7:]] for one in rows_of(m)]))]))),
    Case("one column more", "an answer has a column that was not asked for", _LIE, _always("columns", _fields(9))),
    Case("an unknown schema", "a table is in a schema that is not there", _LIE, _value("relations", _SCHEMA, b"1")),
    Case("an unknown kind of constraint", "a constraint is of the kind '?'", _LIE, _each("constraints_18", {3: b"?"})),
    Case("a type of its own", "an answer's column is of the type 99999", _LIE, _always("schemas", lambda m: iter([wire(with_types(m, {1: 99999}))]))),
    Case("JSON instead of text", "an answer's column is JSON", _LIE, _always("schemas", lambda m: iter([wire(with_types(m, {1: 114}))]))),
    Case("numbers instead of text", "an answer's column says that its names are numbers", _LIE, _always("schemas", lambda m: iter([wire(with_types(m, {1: 23}))]))),
    Case("text instead of numbers", "an answer's column says that its oids are text", _LIE, _always("relations", lambda m: iter([wire(with_types(m, {0: 25}))]))),
    Case("an array instead of a number", "an answer's column says that its oids are arrays", _LIE, _always("relations", lambda m: iter([wire(with_types(m, {0: 1007}))]))),
    Case("too few columns", "an answer has one column", _LIE, _always("relations", _fields(1))),
    Case("60,000 columns", "an answer has 60,000 columns", _LIE, _always("relations", _fields(60_000))),
    Case("rows of another length", "a row has another number of values than was said", _LIE, _always("schemas", lambda m: iter([_head(m), wire([row([b"x"])]), _end(m)]))),
    Case("a negative length", "a value says that it is shorter than nothing", _LIE, _always("schemas", lambda m: iter([_head(m), packed(b"D", struct.pack("!Hi", 3, -7)), _end(m)]))),
    Case("no rows where there is always one", "nothing is said of the server itself", _LIE, _rows("server", lambda rows: [])),
    Case("two rows where there is always one", "the server describes itself twice", _LIE, _rows("server", lambda rows: rows * 2)),
    Case("no answer but an end", "a statement ends without having begun", _LIE, _always("schemas", _other())),
    Case("a copy instead of rows", "rows come as COPY sends them", _LIE, _always("schemas", _other((b"H", b"\0\0\0")))),
    Case("it asks for data", "an answer asks us to send data", _LIE, _always("schemas", _other((b"G", b"\0\0\0")))),
    Case("a message that does not exist", "an answer holds a message of an unknown kind", _LIE, _always("schemas", _other((b"~", b"?")))),
    Case("a message of impossible length", "a message says that it is two bytes long", _GONE, _always("schemas", lambda m: iter([b"T\0\0\0\2"]))),
    Case("no transaction", "it says that the transaction has ended", "source.not_read_only", _idle_status),
    Case("not read-only", "it says that the session may write", "source.not_read_only", _value("hold_read_only", 0, b"off")),
    Case("a cycle of inheritance", "tables are each other's parents", SAFE, _rows("parents", _cycle)),
    Case("another database", "it says that we are in another database", "source.another_database", _value("server", 3, b"another")),
    Case("version 3", "it says that it is PostgreSQL 3.0", "source.too_old", _value("server", 0, b"30000")),
    Case("version 99", "it says that it is PostgreSQL 99.0", SAFE, _value("server", 0, b"990000")),
    Case("a version below zero", "it says that it is PostgreSQL -1", "source.too_old", _value("server", 0, b"-1")),
    Case("a version that is a story", "its version is 100,000 characters of HTML", _LIE, _value("server", 1, b"<b>" * 33_000)),
    Case("a version with escapes in it", "its version holds terminal escapes", SAFE, _value("server", 1, b"18\x1b[2J<b> (x)")),
    Case("blocks of no size", "its blocks have -8192 bytes", _LIE, _value("server", 5, b"-8192")),
    Case("an error code of its own", "its error code is HTML", "source.unexpected_answer", _always("schemas", lambda m: iter([_error(b"<script>alert(1)</script>", b"x"), _end(m)[-6:]]))),
    Case("an error of 10 MB", "its error message has ten million characters", "source.unexpected_answer", _always("schemas", lambda m: iter([_error(b"XX001", b"x" * 10_000_000), _end(m)[-6:]]))),
    Case("an error that quotes data", "its error message holds a value", "source.unexpected_answer", _always("schemas", lambda m: iter([_error(b"22012", b"customer Ann Smith"), _end(m)[-6:]]))),
)  # fmt: skip

AMOUNTS = (
    Case("rows without an end", "one answer never ends", _LARGE, _always("schemas", _endless_rows)),
    Case("rows of nothing without an end", "one answer holds NULLs without an end", _LARGE, _always("columns", _endless_nulls)),
    Case("definitions without an end", "every definition never ends", _LARGE, _always("view_definitions", _endless_rows)),
    Case("an enum of twenty million labels", "an array has twenty million elements", _LARGE, _value("enum_labels", 1, b"{" + b"ab," * 20_000_000 + b"ab}")),
    Case("an index of four million columns", "an index has four million keys", _LARGE, _each("indexes_15", {7: b"{" + b"1," * 4_000_000 + b"1}", 9: b"{" + b"1," * 4_000_000 + b"1}"})),
    Case("a field of 1 GB", "a value has 1,073,676,288 bytes", _LARGE, _always("schemas", _gigabyte(is_sent=True))),
    Case("a field of 1 GB that never comes", "a value of 1 GB begins, and nothing follows", _GONE, _always("schemas", _gigabyte(is_sent=False)), is_slow=True),
    Case("notices without an end", "notices come without an end", _LARGE, _always("schemas", _unasked(packed(b"N", b"SNOTICE\0C00000\0M" + b"x" * 1000 + b"\0\0")))),
    Case("notifications without an end", "notifications come without an end", _LARGE, _always("schemas", _unasked(packed(b"A", int4(1) + b"chan\0" + b"x" * 1000 + b"\0")))),
    Case("silence in the middle", "an answer does not come", _GONE, _silent, is_slow=True),
    Case("one byte at a time", "an answer comes byte by byte", _GONE, _trickle, is_slow=True),
    Case("hangs up between answers", "the connection ends between two answers", _GONE, _cut_short("columns", 10**9)),
    Case("hangs up in an answer", "the connection ends in the middle of an answer", _GONE, _cut_short("columns", 100)),
    Case("hangs up at once", "the connection ends before anything is said", "source.unreachable", greet=hangs_up),
    Case("never says anything", "nothing is said at all", "source.unreachable", greet=says_nothing, is_slow=True),
    Case("a web server", "a web server answers", "source.not_postgres", greet=says(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    Case("wants the password in clear", "it asks for the password in clear, without TLS", "source.tls_required", greet=says(packed(b"R", struct.pack("!I", 3)))),
    Case("endless work for a password", "it asks for 10,000,000 rounds of SCRAM, 2,000 times the usual", "source.unreachable", greet=hard_work, is_slow=True),
    Case("settings without an end", "it begins with settings without an end", "source.not_postgres", greet=endless_greeting(packed(b"S", b"a\0" + b"x" * 1000 + b"\0"))),
    Case("a greeting of 1 GB", "its first message says that it has 1 GB", "source.unreachable", greet=says(b"E" + struct.pack("!I", 2**30) + b"SFATAL\0")),
    Case("another encoding", "it says that it sends another encoding than was asked for", _LIE, greet=encoding(b"EUC_TW")),
    Case("an encoding that does not exist", "it says that it sends an encoding that nobody knows", _LIE, greet=encoding(b"KLINGON")),
)  # fmt: skip

CASES: tuple[Case, ...] = (*NAMES, *FIGURES, *SHAPES, *AMOUNTS)
