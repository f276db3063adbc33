"""No literal of a source survives, wherever it stands; nothing else is touched."""

from __future__ import annotations

import dataclasses
import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanlight.connectors.postgres.closed_list import LISTS
from fanlight.connectors.postgres.literals import LITERAL_CARRIERS, MOST_CHARACTERS, without_literals
from fanlight.core.errors import SourceFailure
from tests.connectors.conftest import DIGEST_KEY, Source

CANARY = "canary-5e2d"
NUMBER = "90210455"
TRIGGER = "CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"

# One for each carrier, with a text and a number that must not come out.
CARRIERS = {
    "view": f"CREATE VIEW v AS SELECT '{CANARY}' AS a, {NUMBER} AS b, E'\\\\{CANARY}' AS c",
    "materialized view": f"CREATE MATERIALIZED VIEW m AS SELECT x, '{CANARY}' AS c FROM t LIMIT {NUMBER}",
    "column default": f"ALTER TABLE t ALTER x SET DEFAULT '{CANARY}', ALTER n SET DEFAULT -{NUMBER}",
    "generated column": f"ALTER TABLE t ADD g text GENERATED ALWAYS AS (x || '{CANARY}') STORED",
    "view column default": f"CREATE VIEW w AS TABLE t; ALTER VIEW w ALTER x SET DEFAULT '{CANARY}{NUMBER}'",
    "foreign table column default": (
        "CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw "
        f"OPTIONS (host '{CANARY}'); CREATE FOREIGN TABLE f (x text DEFAULT '{CANARY}{NUMBER}') SERVER s "
        f"OPTIONS (table_name '{CANARY}')"
    ),
    "check constraint": f"ALTER TABLE t ADD CHECK (x <> '{CANARY}' AND n < {NUMBER} AND n > -{NUMBER})",
    "exclusion constraint predicate": (
        f"ALTER TABLE t ADD CONSTRAINT e EXCLUDE (n WITH =) WHERE (x > '{CANARY}' AND n > {NUMBER})"
    ),
    "exclusion constraint expression": (
        f"ALTER TABLE t ADD CONSTRAINT h EXCLUDE ((x || '{CANARY}{NUMBER}') WITH =)"
    ),
    "index expression": f"CREATE INDEX i ON t ((x || '{CANARY}'), (n + {NUMBER}))",
    "index predicate": f"CREATE INDEX j ON t (x) WHERE x LIKE '{CANARY}%' OR n = {NUMBER}",
    "partition key expression": (
        f"CREATE TABLE p (x text, n int) PARTITION BY RANGE ((x || '{CANARY}'), (n + {NUMBER}))"
    ),
    "list partition bound": (
        "CREATE TABLE l (x text) PARTITION BY LIST (x); "
        f"CREATE TABLE l1 PARTITION OF l FOR VALUES IN ('{CANARY}', '{NUMBER}')"
    ),
    "range partition bound": (
        "CREATE TABLE r (x text, n int) PARTITION BY RANGE (x, n); "
        f"CREATE TABLE r1 PARTITION OF r FOR VALUES FROM ('{CANARY}', {NUMBER}) TO ('{CANARY}1', MAXVALUE)"
    ),
    "domain default": (
        f"CREATE DOMAIN d AS text DEFAULT '{CANARY}'; CREATE DOMAIN e AS integer DEFAULT {NUMBER} + 1; "
        f"CREATE DOMAIN o AS d DEFAULT upper('{CANARY}')"
    ),
    "domain check": (
        f"CREATE DOMAIN d AS text CHECK (VALUE <> '{CANARY}' AND length(VALUE) < {NUMBER}); "
        f"ALTER DOMAIN d ADD CHECK (VALUE ~ E'\\\\{CANARY}') NOT VALID"
    ),
    "argument default": (
        f"CREATE FUNCTION f(a text DEFAULT '{CANARY}', b integer DEFAULT -{NUMBER}, "
        f"VARIADIC c text[] DEFAULT '{{{CANARY}}}') RETURNS text LANGUAGE sql AS $$SELECT 'x'::text$$; "
        f"CREATE PROCEDURE q(a text, INOUT b text DEFAULT '{CANARY}' || '{NUMBER}') LANGUAGE sql AS 'SELECT {NUMBER}::text'"
    ),
    "trigger condition": (
        f"{TRIGGER}; CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW "
        f"WHEN (NEW.x = '{CANARY}' OR OLD.n > {NUMBER}) EXECUTE FUNCTION w()"
    ),
    "trigger argument": (
        f"{TRIGGER}; CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION w('{CANARY}', {NUMBER}); "
        f"CREATE TRIGGER k BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.n > 3) EXECUTE FUNCTION w('{CANARY}', {NUMBER}, "
        f"' WHEN (({CANARY})) EXECUTE FUNCTION ')"
    ),
    "rule": (
        f"CREATE RULE u AS ON UPDATE TO t WHERE OLD.x = '{CANARY}' DO ALSO "
        f"(INSERT INTO t VALUES ('{CANARY}', {NUMBER}); DELETE FROM t WHERE n = -{NUMBER}); "
        f"CREATE RULE v AS ON DELETE TO t DO ALSO NOTIFY n, '{CANARY}{NUMBER}'"
    ),
    "policy for what is there": (
        f"CREATE POLICY y ON t USING (x = '{CANARY}' OR n IN (SELECT n FROM t WHERE n > {NUMBER}))"
    ),
    "policy for what is new": f"CREATE POLICY z ON t WITH CHECK (x <> '{CANARY}' AND n < {NUMBER})",
    "extended statistics expression": f"CREATE STATISTICS s ON (x || '{CANARY}'), (n + {NUMBER}), n FROM t",
    "publication row filter": (
        f"CREATE PUBLICATION b FOR TABLE t WHERE (x <> '{CANARY}' AND n > {NUMBER}) WITH (publish = 'insert')"
    ),
}  # fmt: skip
# What is not read at all: not even a question mark stands for it.
UNREAD = {
    "body of a function": f"CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT '{CANARY}{NUMBER}'::text$$",
    "standard body": f"CREATE FUNCTION f() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT '{CANARY}' || {NUMBER}; END",
    "body of a procedure": f"CREATE PROCEDURE f() LANGUAGE plpgsql AS $$BEGIN RAISE '{CANARY} {NUMBER}'; END$$",
    "setting of a function": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; "
        f"ALTER FUNCTION f() SET my.secret = '{CANARY}{NUMBER}'; ALTER FUNCTION f() SET search_path = '{CANARY}'"
    ),
    "initial value of an aggregate": (
        f"CREATE AGGREGATE a(text) (SFUNC = textcat, STYPE = text, INITCOND = '{CANARY}{NUMBER}')"
    ),
    "value of a sequence": f"CREATE SEQUENCE q; SELECT setval('q', {NUMBER}); CREATE SEQUENCE r; SELECT nextval('r')",
    "options of foreign things": (
        "CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw "
        f"OPTIONS (host '{CANARY}', port '{NUMBER}', dbname 'a=b={CANARY}'); "
        f"CREATE USER MAPPING FOR public SERVER s OPTIONS (user '{CANARY}', password '{NUMBER}'); "
        f"CREATE FOREIGN TABLE f (x text OPTIONS (column_name '{CANARY}')) SERVER s "
        f"OPTIONS (table_name '{CANARY}{NUMBER}', schema_name '={CANARY}')"
    ),
    "statistics": (
        f"INSERT INTO t SELECT '{CANARY}', {NUMBER} FROM generate_series(1, 500); "
        "CREATE STATISTICS s ON x, n FROM t; ANALYZE t"
    ),
    "rows": f"INSERT INTO t VALUES ('{CANARY}', {NUMBER})",
}  # fmt: skip


def test_every_carrier_is_tried_and_every_text_statement_has_a_carrier() -> None:
    assert CARRIERS.keys() == LITERAL_CARRIERS.keys()
    texts = {found.name for found in LISTS.catalogue if re.search(r"pg_get_(?!userbyid)", found.sql)}
    # The others read no column that holds a tree or the source of an expression, but to ask whether there is one.
    trees = re.compile(
        r"\b(?:adbin|conbin|ev_action|ev_qual|indexprs|indpred|partexprs|polqual|polwithcheck|proargdefaults|proconfig"
        r"|prosrc|probin|prosqlbody|prqual|relpartbound|reloptions|stxexprs|tgargs|tgqual|typdefault|typdefaultbin"
        r"|agginitval|aggminitval|subconninfo|umoptions|fdwoptions|srvoptions|ftoptions|attfdwoptions|attmissingval"
        r"|stanumbers\d|stavalues\d|last_value|rolpassword)\b(?! IS NOT NULL)"
    )
    names_only = {"routines", "foreign_servers", "foreign_tables"}  # split at the sign by the source itself
    found = {one.name for one in LISTS.catalogue if trees.search(one.sql)}
    assert found - texts == names_only
    for one in LISTS.catalogue:
        if one.name in names_only:
            assert re.findall(r"unnest\(\w+\.(?:proconfig|srvoptions|ftoptions)\)", one.sql)
            assert len(trees.findall(one.sql)) == one.sql.count("'=', 1)") == 1
    assert texts == set(LITERAL_CARRIERS.values())


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_canary_in_a_carrier_does_not_come_out(source: Source, carrier: str) -> None:
    source.execute(f"CREATE TABLE t (x text, n integer); {CARRIERS[carrier]}")
    sent = {LITERAL_CARRIERS[carrier]}
    text = _all_that_comes_out(source)
    assert CANARY not in text
    assert NUMBER not in text
    assert "?" in text
    assert "blake2b" not in text
    assert sent <= {entry.statement for entry in source.ledger}


@pytest.mark.parametrize("what", UNREAD)
def test_a_canary_in_what_is_not_read_does_not_come_out(source: Source, what: str) -> None:
    source.execute(f"CREATE TABLE t (x text, n integer); {UNREAD[what]}")
    text = _all_that_comes_out(source)
    assert CANARY not in text
    assert NUMBER not in text
    assert "?" not in text


def _all_that_comes_out(source: Source) -> str:
    assets = [dataclasses.asdict(asset) for asset in source.read()]
    return json.dumps(
        [assets, [str(entry) for entry in source.ledger], [str(one) for one in source.not_seen]]
    )


def test_a_canary_does_not_come_out_of_an_error(source: Source) -> None:
    # A default whose printing fails at the server is the one way to make it quote what it prints.
    source.execute(f"CREATE TABLE t (x text DEFAULT '{CANARY}'); REVOKE SELECT ON pg_attribute FROM PUBLIC")
    with source.open() as session, pytest.raises(SourceFailure) as failed:
        list(session.read())
    assert failed.value.code == "source.denied"
    error: BaseException | None = failed.value
    while error is not None:
        assert CANARY not in f"{error!r} {vars(error)}"
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a = 'x' AND b = 'it''s'", "a = ? AND b = ?"),
        (r"E'a\'b' || 'c\'", "? || ?"),
        ("B'01' # X'1F' || N'n' || U&'d\\0061' UESCAPE '!'", "? # ? || ? || ? UESCAPE ?"),
        ("$$a 'b' c$$ || $q$ $$ $q$", "? || ?"),
        ("1 + 1.5 + .5 + 5. + 1e10 + 1.5e-3 + 0x1F + 0o17 + 0b11 + 1_000", " + ".join("?" * 10)),
        ("(-5) + f(-5, -1.5) - 5", "(?) + f(?, ?) - ?"),
        ("'-5'::integer", "?::integer"),
        ("('x'::character varying(64))::numeric(18,4)", "(?::character varying(64))::numeric(18,4)"),
        ("x::public.\"My Type\"(3)::bit varying(7)[]", "x::public.\"My Type\"(3)::bit varying(7)[]"),
        ("x::numeric(5,-2)", "x::numeric(5,-2)"),
        ("x::timestamp(3) without time zone", "x::timestamp(3) without time zone"),
        ("x::numeric(123456)", "x::numeric(?)"),
        ("varchar(64)", "varchar(?)"),
        ("x::f(5)(6)", "x::f(?)(?)"),
        ('t1.c2 + "we""ird 5" + U&"d\\0061t\\+000061"', 't1.c2 + "we""ird 5" + U&"d\\0061t\\+000061"'),
        ("$1 + ($2)::text", "$1 + ($2)::text"),
        ("TRUE AND false OR NULL IS NULL", "TRUE AND false OR NULL IS NULL"),
        ("a -- it's 5\n+ b /* 5 /* 'x' */ 7 */ - c", "a  \n+ b   - c"),
        ("a[1:2].b ? 'x' AND j @> '{}' AND é1 = 表2", "a[?:?].b ? ? AND j @> ? AND é1 = 表2"),
        ("foo'bar'", "foo?"),
        ("FOR VALUES FROM ('2024-01-01', MINVALUE) TO (10)", "FOR VALUES FROM (?, MINVALUE) TO (?)"),
        ("FOR VALUES WITH (modulus 4, remainder 3)", "FOR VALUES WITH (modulus ?, remainder ?)"),
        ("interval '1 day' * date '2020-01-01'", "interval ? * date ?"),
        ("", ""),
    ],
)  # fmt: skip
def test_literals_become_question_marks_and_the_rest_stays(sql: str, expected: str) -> None:
    assert without_literals(sql, DIGEST_KEY) == (expected, "sql")


@pytest.mark.parametrize(
    "sql",
    [
        "'unterminated", "E'unterminated\\'", '"unterminated', "$q$ unterminated $$", "/* unterminated",
        "/* /* */", "123abc", "0x", "1.5e", "a\x00b", "a\x01b", "'\x01'", '"\x1b"', "a\x7fb", "a\x80b",
        "a\ud800b", "a \\ b", "$tag", "a { b", "$1a", '""',
    ],
)  # fmt: skip
def test_what_is_not_understood_is_kept_as_a_keyed_digest_only(sql: str) -> None:
    text = without_literals(sql, DIGEST_KEY)
    assert text.kind == "digest"
    assert re.fullmatch(r"blake2b:[0-9a-f]{32}", text.text)
    assert text == without_literals(sql, DIGEST_KEY)
    assert text != without_literals(sql, b"another key")
    assert text != without_literals(sql + " ", DIGEST_KEY)


_NAMES = st.sampled_from(
    ["a", "t1.c2", '"Odd 7"', '"q""q"', "é9", "_x$1", "shop.f", "NULL", "true", "e", "b", "x", "n", "u"]
)
_OPERATORS = st.sampled_from(
    [
        "+",
        "-",
        "||",
        "<>",
        "->>",
        "@>",
        "?",
        "?|",
        "::text ||",
        "IS NOT NULL AND",
        "::numeric(18,4) *",
        ",",
        " = ",
    ]
)
_CANARIES = st.sampled_from(
    [
        f"'{CANARY}'", f"'{CANARY} it''s'", f"E'\\'{CANARY}\\\\'", f"e'{CANARY}'", f"N'{CANARY}'",
        f"U&'{CANARY}'",
        f"u&'\\0061{CANARY}'", f"$${CANARY}$$", f"$t${CANARY} $$ ' \" $t$", f"B'{CANARY}'", f"X'{CANARY}'",
        f"'{CANARY}\n--{CANARY}'", f"/* {CANARY} /* {CANARY} */ */", f"--{CANARY}\n", f"'/* {CANARY} '",
        f"'\"{CANARY}'", NUMBER, f"{NUMBER}.{NUMBER}", f".{NUMBER}", f"{NUMBER}e{NUMBER[:2]}", f"-{NUMBER}",
        f"({NUMBER})", f"f({NUMBER}, '{CANARY}')", f"ARRAY['{CANARY}', {NUMBER}]", f"[{NUMBER}:{NUMBER}]",
    ]
)  # fmt: skip
_PIECES = st.lists(
    st.tuples(_NAMES, _OPERATORS, _CANARIES, st.sampled_from([" ", "\n", "\t"])), min_size=1, max_size=12
)


@given(_PIECES)
def test_no_canary_survives_in_any_position(pieces: list[tuple[str, str, str, str]]) -> None:
    sql = " ".join(f"{name}{space}{operator}{space}{canary}" for name, operator, canary, space in pieces)
    text = without_literals(sql, DIGEST_KEY)
    assert CANARY not in text.text
    assert NUMBER not in text.text
    assert text.kind == "sql"
    for name, *_ in pieces:
        assert name in text.text


@given(
    _PIECES,
    st.integers(0, 400),
    st.sampled_from(["'", '"', "$$", "\\", "/*", "*/", "--", "E", "$t$", "\x00", "U&", "9", "."]),
)
def test_no_canary_survives_a_broken_text(
    pieces: list[tuple[str, str, str, str]], place: int, break_: str
) -> None:
    # A quote too many turns the inside out: what was text may then be a name. A number never is one.
    sql = " ".join(f"{name} {operator} {canary}" for name, operator, canary, _ in pieces)
    broken = sql[:place] + break_ + sql[place:]
    text = without_literals(broken, DIGEST_KEY)
    assert NUMBER not in re.sub(r"\"(?:[^\"]|\"\")*\"|\w*[A-Za-z_é]\w*", "", text.text)


@given(st.text())
def test_it_never_fails_and_what_it_keeps_is_kept_again(sql: str) -> None:
    text = without_literals(sql, DIGEST_KEY)
    if text.kind == "sql":
        assert without_literals(text.text, DIGEST_KEY) == text


@given(_PIECES)
def test_what_it_keeps_is_kept_again(pieces: list[tuple[str, str, str, str]]) -> None:
    sql = " ".join("".join(piece) for piece in pieces)
    text = without_literals(sql, DIGEST_KEY)
    if text.kind == "sql":
        assert without_literals(text.text, DIGEST_KEY) == text


@given(st.lists(_NAMES, min_size=1, max_size=20))
def test_names_are_untouched(names: list[str]) -> None:
    sql = ", ".join(names)
    assert without_literals(sql, DIGEST_KEY) == (sql, "sql")


@pytest.mark.parametrize(
    "piece",
    ["'", '"', "a", "1", "(", "-", "/*", "$a", "::a", "::a.a", "e'\\", "U&", "a.", "1_", "$$ $a", "1e", ".",
     "'a' ",
     "'a'::text, ", "-- \n", "::a(1", "*/", "/* */", "''", "\\", "::a (", '"a".', ":", "0x1", "$1"],
)  # fmt: skip
def test_a_long_text_takes_seconds_whatever_it_is(piece: str) -> None:
    sql = piece * (MOST_CHARACTERS // len(piece))
    started = time.monotonic()
    without_literals(sql, DIGEST_KEY)
    without_literals(sql[1:], DIGEST_KEY)
    assert time.monotonic() - started < 15


def test_a_million_characters_of_a_view_are_kept_and_more_are_not() -> None:
    sql = "SELECT " + ", ".join(f"t.c{number} || 'x{number}'::varchar(9)" for number in range(300_000))
    kept = without_literals(sql[:MOST_CHARACTERS].rpartition(",")[0], DIGEST_KEY)
    assert kept.text.startswith("SELECT t.c0 || ?::varchar(9), t.c1")
    assert "'" not in kept.text
    assert without_literals(sql, DIGEST_KEY).kind == "digest"
