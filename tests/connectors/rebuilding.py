"""Statements that make what was read, written from assets alone, in the words of `pg_dump`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fanlight.connectors.postgres.literals import without_literals
from fanlight.connectors.types import Asset, AssetKind
from fanlight.core.identifiers import join_path, quote_part
from tests.connectors.conftest import DIGEST_KEY

Facts = dict[str, Any]
_RELATIONS = {
    AssetKind.TABLE: "TABLE",
    AssetKind.PARTITIONED_TABLE: "TABLE",
    AssetKind.VIEW: "VIEW",
    AssetKind.MATERIALIZED_VIEW: "MATERIALIZED VIEW",
    AssetKind.FOREIGN_TABLE: "FOREIGN TABLE",
}
_TYPES = (AssetKind.ENUM, AssetKind.RANGE, AssetKind.COMPOSITE_TYPE)
_ROUTINES = (AssetKind.FUNCTION, AssetKind.PROCEDURE, AssetKind.AGGREGATE)
_LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_EVENTS = ("insert", "delete", "update", "truncate")


def free(text: str) -> str:
    """Return a text without its literals."""
    return without_literals(text, DIGEST_KEY).text


def statements(asset: Asset) -> Iterator[str]:
    """Yield the statements that make an asset what it is, but for a relation's columns, keys and indexes."""
    if asset.kind is AssetKind.DATABASE:
        yield from _database(asset.facts)
        return
    facts, at = (
        asset.facts,
        join_path(asset.path[1], *(name.removesuffix(" (sequence)") for name in asset.path[2:])),
    )
    if asset.kind in _ROUTINES:
        at = _signature(asset, has_defaults=False)
    word = _word(asset.kind)
    if at != "public":
        yield f"ALTER {'TABLE' if word.endswith(('TABLE', 'VIEW', 'SEQUENCE')) else word} {at} OWNER TO {quote_part(facts['owner'])}"
        yield from _comment(f"{word} {at}", asset.comment)
    yield from _MAKERS.get(asset.kind, _relation)(asset, at)


def _word(kind: AssetKind) -> str:
    return "TYPE" if kind in _TYPES else _RELATIONS.get(kind, kind.value.upper())


def _comment(what: str, text: str | None) -> Iterator[str]:
    if text is not None:
        yield f"COMMENT ON {what} IS '" + text.replace("'", "''") + "'"


def _owned(word: str, fact: Facts) -> Iterator[str]:
    name = quote_part(fact["name"])
    yield f"ALTER {word} {name} OWNER TO {quote_part(fact['owner'])}"
    yield from _comment(f"{word} {name}", fact.get("comment"))


def _database(facts: Facts) -> Iterator[str]:
    for fact in facts.get("extensions", ()):
        if fact["name"] == "plpgsql":
            continue
        yield f"CREATE EXTENSION IF NOT EXISTS {quote_part(fact['name'])} WITH SCHEMA {quote_part(fact['schema'])}"
        yield from _comment(f"EXTENSION {quote_part(fact['name'])}", fact.get("comment"))
    for fact in facts.get("publications", ()):
        text = f"CREATE PUBLICATION {quote_part(fact['name'])}"
        text += " FOR ALL TABLES" * fact.get("is_for_all_tables", False)
        text += f" WITH (publish = '{', '.join(fact.get('publishes', ()))}'"
        if fact.get("generated_columns"):
            text += f", publish_generated_columns = {fact['generated_columns']}"
        yield text + ", publish_via_partition_root = true" * fact.get("is_via_root", False) + ")"
        yield from _owned("PUBLICATION", fact)
    for fact in facts.get("foreign_servers", ()):
        text = f"CREATE SERVER {quote_part(fact['name'])}"
        text += "".join(f" {word.upper()} '{fact[word]}'" for word in ("type", "version") if word in fact)
        yield f"{text} FOREIGN DATA WRAPPER {quote_part(fact['wrapper'])}{_options(fact)}"
        yield from _owned("SERVER", fact)
    for fact in facts.get("event_triggers", ()):
        name, tags = quote_part(fact["name"]), ", ".join(f"'{tag}'" for tag in fact.get("commands", ()))
        text = f"CREATE EVENT TRIGGER {name} ON {fact['event']}" + (f" WHEN TAG IN ({tags})" if tags else "")
        yield f"{text} EXECUTE FUNCTION {_called(fact)}"
        for state in _states(fact):
            yield f"ALTER EVENT TRIGGER {name} {state}"
        yield from _owned("EVENT TRIGGER", fact)


def _called(fact: Facts) -> str:
    _, schema, signature = fact["function"]
    return f"{join_path(schema, signature.removesuffix('()'))}()"


def _states(fact: Facts) -> Iterator[str]:
    if fact.get("is_disabled"):
        yield "DISABLE"
    if fact.get("fires"):
        yield f"ENABLE {fact['fires'].upper()}"


def _options(fact: Facts) -> str:
    names = sorted(map(quote_part, fact.get("options", ())))
    return f" OPTIONS ({', '.join(names)})" if names else ""


def _schema(asset: Asset, at: str) -> Iterator[str]:
    for one in asset.facts.get("publications", ()):
        yield f"ALTER PUBLICATION {quote_part(one['name'])} ADD TABLES IN SCHEMA {at}"


def _enum(asset: Asset, at: str) -> Iterator[str]:
    labels = ", ".join("'" + label.replace("'", "''") + "'" for label in asset.facts["labels"])
    yield f"CREATE TYPE {at} AS ENUM ({labels})"


def _collated(name: str | None) -> str:
    if name is None:
        return ""
    return f" COLLATE {name}" if "." in name else f" COLLATE pg_catalog.{quote_part(name)}"


def _domain(asset: Asset, at: str) -> Iterator[str]:
    facts = asset.facts
    text = f"CREATE DOMAIN {at} AS {facts['type']}{_collated(facts.get('collation'))}"
    text += " NOT NULL" * facts.get("is_not_null", False)
    text += f" DEFAULT {facts['default']}" if "default" in facts else ""
    for fact in facts.get("constraints", ()):
        constraint = f" CONSTRAINT {quote_part(fact['name'])} {fact['definition']}"
        if fact.get("is_not_valid"):
            yield f"ALTER DOMAIN {at} ADD{constraint}"
        else:
            text += constraint
        yield from _comment(f"CONSTRAINT {quote_part(fact['name'])} ON DOMAIN {at}", fact.get("comment"))
    yield text


def _range(asset: Asset, at: str) -> Iterator[str]:
    facts = asset.facts
    parts = [f"subtype = {facts['subtype']}"]
    if "multirange" in facts:
        parts.append(f"multirange_type_name = {facts['multirange']}")
    if "collation" in facts:
        parts.append(_collated(facts["collation"]).replace(" COLLATE", "collation ="))
    parts += [
        f"{word} = {facts[name]}"
        for name, word in (("canonical", "canonical"), ("difference", "subtype_diff"))
        if name in facts
    ]
    yield f"CREATE TYPE {at} AS RANGE ({', '.join(parts)})"


def _composite(asset: Asset, at: str) -> Iterator[str]:
    lines = [
        f"{quote_part(column[0])} {column[2]}{_collated((column[6] or {}).get('collation'))}"
        for column in asset.columns
    ]
    yield f"CREATE TYPE {at} AS ({', '.join(lines)})"
    for column in asset.columns:
        yield from _comment(f"COLUMN {at}.{quote_part(column[0])}", column[5])


def _sequence(asset: Asset, at: str) -> Iterator[str]:
    facts = asset.facts
    limit, is_up = _LIMITS[facts["type"]], facts["increment"] > 0
    least, greatest = (1, limit - 1) if is_up else (-limit, -1)
    text = "CREATE " + "UNLOGGED " * (facts.get("persistence") == "unlogged") + f"SEQUENCE {at}"
    text += "" if facts["type"] == "bigint" else f" AS {facts['type']}"
    text += f" START WITH {facts['start']} INCREMENT BY {facts['increment']}"
    text += " NO MINVALUE" if facts["min"] == least else f" MINVALUE {facts['min']}"
    text += " NO MAXVALUE" if facts["max"] == greatest else f" MAXVALUE {facts['max']}"
    yield f"{text} CACHE {facts['cache']}" + " CYCLE" * facts.get("is_cycled", False)
    if "owned_by" in facts:
        yield f"ALTER SEQUENCE {at} OWNED BY {join_path(*facts['owned_by'][1:])}"


def _arguments(asset: Asset, *, has_defaults: bool) -> str:
    shown: list[str] = []
    facts = asset.facts
    for number, fact in enumerate(facts["arguments"]):
        mode = fact.get("mode", "in" if asset.kind is AssetKind.PROCEDURE else "")
        if mode == "table":
            continue
        words = [mode.upper(), quote_part(fact["name"]) if "name" in fact else "", fact["type"]]
        text = " ".join(filter(None, words))
        if has_defaults and "default" in fact:
            text += f" DEFAULT {fact['default']}"
        is_first_ordered = number == facts.get("direct_arguments", -1)
        shown.append((" ORDER BY " if number and is_first_ordered else ", " if number else "") + text)
    return "".join(shown) or "*" * (asset.kind is AssetKind.AGGREGATE)


def _signature(asset: Asset, *, has_defaults: bool) -> str:
    inputs = [one["type"] for one in asset.facts["arguments"] if one.get("mode") not in ("out", "table")]
    identity = ", ".join(inputs) or "*" * (asset.kind is AssetKind.AGGREGATE)
    name = asset.path[-1].removesuffix(" (function)")
    assert name.endswith(f"({identity})"), name
    at = join_path(asset.path[1], name.removesuffix(f"({identity})"))
    return f"{at}({_arguments(asset, has_defaults=has_defaults)})"


def _routine(asset: Asset, _: str) -> Iterator[str]:
    facts = asset.facts
    text = f"CREATE {asset.kind.value.upper()} {_signature(asset, has_defaults=True)}"
    if asset.kind is AssetKind.FUNCTION:
        text += f" RETURNS {_returned(facts)}"
    text += f" LANGUAGE {facts['language']}" + " WINDOW" * facts.get("is_window", False)
    if facts.get("volatility", "volatile") != "volatile":
        text += f" {facts['volatility'].upper()}"
    for mark, words in (
        ("is_strict", "STRICT"),
        ("is_security_definer", "SECURITY DEFINER"),
        ("is_leakproof", "LEAKPROOF"),
    ):
        text += f" {words}" * facts.get(mark, False)
    if facts.get("parallel", "unsafe") != "unsafe":
        text += f" PARALLEL {facts['parallel'].upper()}"
    yield text + "".join(f" SET {name} TO ?" for name in facts.get("settings", ()))


def _returned(facts: Facts) -> str:
    columns = [
        f"{quote_part(one['name'])} {one['type']}" for one in facts["arguments"] if one.get("mode") == "table"
    ]
    if columns:
        return f"TABLE({', '.join(columns)})"
    return "SETOF " * facts.get("returns_set", False) + str(facts["returns"])


def _aggregate(asset: Asset, at: str) -> Iterator[str]:
    facts = asset.facts
    parts = [f"SFUNC = {facts['transition_function']}", f"STYPE = {facts['state_type']}"]
    parts += [f"FINALFUNC = {facts['final_function']}"] if "final_function" in facts else []
    parts += [f"PARALLEL = {facts['parallel']}"] if facts["parallel"] != "unsafe" else []
    yield f"CREATE AGGREGATE {at} ({', '.join(parts)})".replace("pg_catalog.", "")


def _relation(asset: Asset, at: str) -> Iterator[str]:
    facts = asset.facts
    for column in asset.columns:
        yield from _comment(f"COLUMN {at}.{quote_part(column[0])}", column[5])
    for fact in [*facts.get("keys", ()), *facts.get("constraints", ())]:
        yield from _comment(f"CONSTRAINT {quote_part(fact['name'])} ON {at}", fact.get("comment"))
    for fact in facts.get("indexes", ()):
        yield from _comment(f"INDEX {join_path(asset.path[1], fact['name'])}", fact.get("comment"))
        if fact.get("is_replica_identity"):
            yield f"ALTER TABLE ONLY {at} REPLICA IDENTITY USING INDEX {quote_part(fact['name'])}"
    if "server" in facts:
        yield f"ALTER {at} SERVER {quote_part(facts['server'])}{_options(facts)}"
    yield from _altered(facts, at)
    for name, word, makes in (
        ("triggers", "TRIGGER", _trigger),
        ("rules", "RULE", _rule),
        ("policies", "POLICY", _policy),
        ("publications", "", _published),
    ):
        for fact in facts.get(name, ()):
            yield from makes(fact, at)
            yield from _comment(f"{word} {quote_part(fact['name'])} ON {at}", fact.get("comment"))
    for fact in facts.get("statistics", ()):
        yield from _statistics(fact, asset.path[1], at)


def _altered(facts: Facts, at: str) -> Iterator[str]:
    if facts.get("has_row_security"):
        yield f"ALTER TABLE {at} ENABLE ROW LEVEL SECURITY"
    if facts.get("is_row_security_forced"):
        yield f"ALTER TABLE ONLY {at} FORCE ROW LEVEL SECURITY"
    if facts.get("replica_identity", "index") != "index":
        yield f"ALTER TABLE ONLY {at} REPLICA IDENTITY {facts['replica_identity'].upper()}"


def _published(fact: Facts, at: str) -> Iterator[str]:
    columns = f" ({', '.join(map(quote_part, fact['columns']))})" if "columns" in fact else ""
    rows = f" WHERE ({fact['filter']})" if "filter" in fact else ""
    yield f"ALTER PUBLICATION {quote_part(fact['name'])} ADD TABLE ONLY {at}{columns}{rows}"


def _trigger(fact: Facts, at: str) -> Iterator[str]:
    name = quote_part(fact["name"])
    if not fact.get("is_inherited"):
        events = [one for one in _EVENTS if one in fact["events"]]
        columns = " OF " + ", ".join(map(quote_part, fact["columns"])) if "columns" in fact else ""
        said = " OR ".join(one.upper() + columns * (one == "update") for one in events)
        text = "CREATE " + "CONSTRAINT " * fact.get("is_constraint", False)
        text += f"TRIGGER {name} {fact['timing'].upper()} {said} ON {at}"
        text += f" FROM {join_path(*fact['from'][1:])}" if "from" in fact else ""
        if fact.get("is_constraint"):
            text += "" if fact.get("is_deferrable") else " NOT"
            text += f" DEFERRABLE INITIALLY {'DEFERRED' if fact.get('is_deferred') else 'IMMEDIATE'}"
        tables = [
            f" {word} TABLE AS {quote_part(fact[key])}"
            for word, key in (("OLD", "old_table"), ("NEW", "new_table"))
            if key in fact
        ]
        text += " REFERENCING" * bool(tables) + "".join(tables) + f" FOR EACH {fact['level'].upper()}"
        text += f" WHEN ({fact['condition']})" if "condition" in fact else ""
        yield f"{text} EXECUTE FUNCTION {_called(fact)}"
    for state in _states(fact):
        yield f"ALTER TABLE {at} {state} TRIGGER {name}"


def _rule(fact: Facts, at: str) -> Iterator[str]:
    head = f"CREATE RULE {quote_part(fact['name'])} AS\n    ON {fact['event'].upper()} TO {at}"
    assert fact["definition"].startswith(head), (fact["definition"], head)
    assert (" DO INSTEAD " in fact["definition"]) == fact.get("is_instead", False)
    yield fact["definition"].removesuffix(";")
    for state in _states(fact):
        yield f"ALTER TABLE {at} {state} RULE {quote_part(fact['name'])}"


def _policy(fact: Facts, at: str) -> Iterator[str]:
    text = f"CREATE POLICY {quote_part(fact['name'])} ON {at}"
    text += " AS RESTRICTIVE" * fact.get("is_restrictive", False)
    text += "" if fact["command"] == "all" else f" FOR {fact['command'].upper()}"
    text += "" if fact["roles"] == ["public"] else f" TO {', '.join(map(quote_part, fact['roles']))}"
    text += f" USING ({fact['using']})" if "using" in fact else ""
    yield text + (f" WITH CHECK ({fact['check']})" if "check" in fact else "")


def _statistics(fact: Facts, schema: str, at: str) -> Iterator[str]:
    name = join_path(fact.get("schema", schema), fact["name"])
    kinds = [kind for kind in fact["kinds"] if kind != "expressions"]
    said = f" ({', '.join(kinds)})" if 0 < len(kinds) < 3 else ""
    keys = ", ".join(
        quote_part(key["column"]) if "column" in key else key["expression"] for key in fact["keys"]
    )
    yield f"CREATE STATISTICS {name}{said} ON {without_parentheses(keys)} FROM {at}"
    yield f"ALTER STATISTICS {name} OWNER TO {quote_part(fact['owner'])}"
    yield from _comment(f"STATISTICS {name}", fact.get("comment"))


def without_parentheses(text: str) -> str:
    """Return an expression without them: the server prints them in one place and not in another."""
    return text.replace("(", "").replace(")", "")


_MAKERS: Mapping[AssetKind, Callable[[Asset, str], Iterator[str]]] = {
    AssetKind.SCHEMA: _schema,
    AssetKind.ENUM: _enum,
    AssetKind.DOMAIN: _domain,
    AssetKind.RANGE: _range,
    AssetKind.COMPOSITE_TYPE: _composite,
    AssetKind.SEQUENCE: _sequence,
    AssetKind.FUNCTION: _routine,
    AssetKind.PROCEDURE: _routine,
    AssetKind.AGGREGATE: _aggregate,
}
DUMPED = frozenset(_MAKERS) - {AssetKind.SCHEMA, AssetKind.ENUM}
