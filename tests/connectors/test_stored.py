"""What a connector's assets keep: only declared facts, and of SQL only what has no literal any more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from fanlight.connectors import postgres
from fanlight.connectors.postgres.connector import PostgresConnector
from tests.connectors.conftest import Source

CONNECTOR = PostgresConnector()
KEY = b"another key"


def _facts(value: Any) -> Iterator[tuple[str, Any, str]]:
    if isinstance(value, list):
        for one in value:
            yield from _facts(one)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner, value.get(f"{key}_kind", "sql")
            yield from _facts(inner)


def test_every_fact_that_is_read_is_declared(shop: Source) -> None:
    known = CONNECTOR.stored_facts
    kinds = {f"{name}_kind" for name in (*known.texts, "default")}
    found = {key for asset in shop.read() for key, _, _ in _facts(asset.facts)}
    found |= {key for asset in shop.read() for column in asset.columns for key in column[6] or {}}
    assert found - known.texts - known.plain - kinds == set()
    documented = (files(postgres) / "README.md").read_text("utf-8")
    assert {key for key in known.texts | known.plain if not re.search(f'[`"]{key}[`"]', documented)} == set()
    assert not known.texts & known.plain
    assert known.texts <= found
    elsewhere = {"is_invalid", "is_temporal", "subscriptions"}
    if shop.major < 18:
        elsewhere |= {"is_not_enforced", "generated_columns"}
    assert known.plain - found == elsewhere


def test_what_is_stored_of_sql_stays_as_it_is_when_literals_are_removed_again(shop: Source) -> None:
    texts = [
        (inner, kind)
        for asset in shop.read()
        for key, inner, kind in _facts(asset.facts)
        if key in CONNECTOR.stored_facts.texts
    ]
    texts += [
        (column[4], (column[6] or {}).get("default_kind", "sql"))
        for asset in shop.read()
        for column in asset.columns
        if column[4] is not None
    ]
    assert len(texts) > 20
    for text, kind in texts:
        for one in [text] if isinstance(text, str) else text:
            if kind == "sql":
                assert CONNECTOR.without_literals(one, KEY) == (one, "sql")


def test_a_canary_literal_of_a_source_is_in_nothing_that_is_read(shop: Source) -> None:
    shop.execute("CREATE VIEW shop.canary AS SELECT 'flliteral_x'::text AS c")
    assert "canary" in {asset.path[-1] for asset in shop.read()}
    said = json.dumps([[asset.facts, asset.columns] for asset in shop.read()])
    assert "flliteral_" not in said
