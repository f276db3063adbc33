"""The same facts by other means: what `pg_dump` writes, beside what can be written again from what was read.

From the assets the statements that make them are written anew (`rebuilding`), and compared with those of the owner's
dump without their literals. Columns, keys and indexes of relations have an oracle of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fanlight.connectors.types import Asset
from tests.connectors.conftest import Source
from tests.connectors.rebuilding import free, statements, without_parentheses

_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)|--[^\n]*|^\\[^\n]*|[();]|[^'\"$();\\-]+|.",
    re.DOTALL | re.MULTILINE,
)
_BODY = re.compile(r"( LANGUAGE .*?)(?: AS [$'].*| RETURN .*| BEGIN ATOMIC .*)\Z", re.DOTALL)
_AGGREGATE = re.compile(r"(CREATE AGGREGATE .*) \((SFUNC .*)\)\Z")
_OPTIONS = re.compile(r" OPTIONS \((.*)\)\Z")
_QUOTED, _PLAIN = re.compile(r'"((?:[^"]|"")*)"'), re.compile(r"[a-z_][a-z0-9_]*\Z")
_NAME = r"(?:\"(?:[^\"]|\"\")+\"|\w+)"


def dump(source: Source) -> set[str]:
    """Return the statements of the owner's dump that can be compared."""
    text = source.server.run("pg_dump", "--schema-only", "-d", source.database)
    return {one for one in map(_told, _split(text)) if one}


def dump_differences(source: Source, assets: list[Asset], theirs: set[str] | None = None) -> list[str]:
    """Return the statements that only one of both sides has. What an extension brings is no part of a dump.

    theirs: of a dump that was made before; otherwise one is made.
    """
    theirs = dump(source) if theirs is None else theirs
    ours = {_even(one) for asset in assets if "extension" not in asset.facts for one in statements(asset)}
    return [f"only dumped: {one}" for one in sorted(theirs - ours)] + [
        f"only read: {one}" for one in sorted(ours - theirs)
    ]


def _split(text: str) -> Iterator[str]:
    pieces: list[str] = []
    depth = 0
    for token in _TOKEN.finditer(text):
        piece = token[0]
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece == ";" and depth == 0:
            yield "".join(pieces).strip()
            pieces = []
        elif not piece.startswith(("--", "\\")):
            pieces.append(piece)


def _even(text: str) -> str:
    """Write a statement with the spaces and quotes that it needs, and no more."""
    if not text.startswith("COMMENT "):
        text = re.sub(r"(?<=\() | (?=\))", "", re.sub(r"\s+", " ", text))
    return _QUOTED.sub(lambda found: found[1] if _PLAIN.match(found[1]) else found[0], text)


def _told(statement: str) -> str:
    """Return a statement of a dump as `rebuilding` writes it; nothing for one that it does not write."""
    statement = _even(statement)
    for pattern, told in _STATEMENTS:
        if re.match(pattern, statement):
            return _even(told(statement))
    return ""


def _function(statement: str) -> str:
    header = re.sub(r" (?:COST|ROWS|SUPPORT) \S+", "", free(_BODY.sub(r"\1", statement)))
    return re.sub(r" TO \?(?:, \?)+", " TO ?", header)  # the values of one setting


def _aggregate(statement: str) -> str:
    found = _AGGREGATE.match(statement)
    assert found is not None, statement
    parts = dict(part.split(" = ", 1) for part in found[2].split(", ") if " = " in part)
    kept = [
        f"{name} = {parts[name]}" for name in ("SFUNC", "STYPE", "FINALFUNC", "PARALLEL") if name in parts
    ]
    return f"{found[1]} ({', '.join(kept)})"


def _domain(statement: str) -> str:
    head = re.split(r" (?=DEFAULT |CONSTRAINT )", statement, maxsplit=1)
    return " ".join([head[0], *map(free, head[1:])])


def _trigger(statement: str) -> str:
    return re.sub(r"( EXECUTE FUNCTION .*)\(.*?\)\Z", r"\1()", free(statement))


def _policy(statement: str) -> str:
    def ordered(found: re.Match[str]) -> str:
        return " TO " + ", ".join(sorted(found[1].split(", ")))

    return free(re.sub(rf" TO ({_NAME}(?:, {_NAME})*)", ordered, statement, count=1))


def _statistics(statement: str) -> str:
    head, keys = statement.split(" ON ", 1)
    return f"{head} ON {without_parentheses(free(keys))}"


def _options(statement: str) -> str:
    found = _OPTIONS.search(statement)
    if found is None:
        return statement
    names = re.findall(rf"({_NAME}) '(?:[^']|'')*'", found[1])
    return _OPTIONS.sub(f" OPTIONS ({', '.join(sorted(names))})", statement)


def _foreign_table(statement: str) -> str:
    return _options(
        re.sub(rf"CREATE FOREIGN TABLE ({_NAME}\.{_NAME}) .*\) (SERVER )", r"ALTER \1 \2", statement)
    )


def _owner(statement: str) -> str:
    return re.sub(
        r"ALTER (?:TABLE|VIEW|MATERIALIZED VIEW|FOREIGN TABLE|SEQUENCE) ", "ALTER TABLE ", statement
    )


def _same(statement: str) -> str:
    return statement


def _none(statement: str) -> str:
    return ""


# First match wins.
_STATEMENTS: tuple[tuple[str, Callable[[str], str]], ...] = (
    (r"(COMMENT ON|ALTER) SCHEMA public |COMMENT ON EXTENSION plpgsql |ALTER COLLATION ", _none),
    (r"COMMENT ON |CREATE EXTENSION ", _same),
    (r".* OWNER TO \S+\Z", _owner),
    (r"CREATE TYPE \S+\Z", _none),  # a shell
    (r"CREATE (TYPE|SEQUENCE|UNLOGGED SEQUENCE|PUBLICATION|EVENT TRIGGER) |ALTER EVENT TRIGGER ", _same),
    (r"ALTER SEQUENCE .* OWNED BY ", _same),
    (r"CREATE (FUNCTION|PROCEDURE) ", _function),
    (r"CREATE AGGREGATE ", _aggregate),
    (r"CREATE DOMAIN ", _domain),
    (r"ALTER DOMAIN .* ADD CONSTRAINT |ALTER PUBLICATION .* ADD |CREATE RULE ", free),
    (r"CREATE STATISTICS ", _statistics),
    (r"CREATE (CONSTRAINT )?TRIGGER ", _trigger),
    (r"CREATE POLICY ", _policy),
    (r"CREATE SERVER ", _options),
    (r"CREATE FOREIGN TABLE ", _foreign_table),
    (
        r"ALTER TABLE (ONLY )?\S+ ((ENABLE|DISABLE) (REPLICA |ALWAYS )?(TRIGGER|RULE)|(ENABLE|FORCE) ROW|REPLICA )",
        _same,
    ),
)
