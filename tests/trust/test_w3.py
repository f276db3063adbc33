"""Attacks on W3's control: statements that could bring a row, answers that have room for one. Canaries: test_d3."""

from __future__ import annotations

import dataclasses
import tomllib
from importlib import resources
from typing import Any

import pytest

from fanlight.connectors import types as boundary
from fanlight.connectors.registry import connectors
from fanlight.trust.controls import w3_never_rows as w3
from fanlight.trust.types import Budget, Findings, Occasion, State
from tests.trust.ground import Ground


def test_it_holds_on_a_whole_catalogue_and_says_on_what(ground: Ground) -> None:
    with ground.acting_as("worker"):
        found = w3.check(Occasion(Budget(60), home=ground.folder))
    assert found.state is State.PROVEN
    assert found.counts["statements read"] > 60
    assert found.counts["rows searched"] > 100
    assert found.counts["bytes searched"] > 10_000


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT total FROM sales.orders", "statement.relation"),
        ("SELECT total FROM orders", "statement.relation"),
        ("SELECT relname FROM sales.pg_class", "statement.relation"),
        ("SELECT most_common_vals FROM pg_stats", "statement.relation"),
        ("SELECT stavalues1 FROM pg_catalog.pg_statistic", "statement.relation"),
        ("SELECT data FROM pg_largeobject", "statement.relation"),
        ("SELECT query FROM pg_stat_activity", "statement.relation"),
        ("SELECT rolpassword FROM pg_authid", "statement.relation"),
        ("SELECT 1 FROM pg_class WHERE EXISTS (SELECT 1 FROM sales.orders)", "statement.relation"),
        ("SELECT (SELECT max(total) FROM sales.orders)", "statement.relation"),
        ("WITH pg_class AS (SELECT 1 AS a FROM sales.orders) SELECT a FROM pg_class", "statement.relation"),
        ("WITH a AS (SELECT 1 AS b) SELECT b FROM public.a", "statement.relation"),
        ("SELECT oid FROM pg_class UNION ALL SELECT id FROM sales.orders", "statement.relation"),
        ("SELECT oid FROM pg_class, LATERAL (SELECT id FROM sales.orders) o", "statement.relation"),
        ("SELECT oid FROM pg_class; SELECT id FROM sales.orders", "statement.relation"),
        ("SELECT query_to_xml('SELECT 1', true, false, '')", "statement.function"),
        ("SELECT pg_catalog.table_to_xml('a', true, false, '')", "statement.function"),
        ("SELECT pg_read_file('/etc/passwd')", "statement.function"),
        ("SELECT lo_get(1)", "statement.function"),
        ("SELECT a FROM dblink('x', 'SELECT 1') AS t (a text)", "statement.function"),
        ("TABLE sales.orders", "statement"),
        ("SELECT ((", "statement.not_understood"),
        ("BEGIN; SELECT id FROM sales.orders", "statement"),
    ],
)
def test_a_statement_that_could_bring_a_row_is_found(sql: str, code: str) -> None:
    assert any(found.startswith(code) for found, _ in w3._objections("postgres", sql)), sql


def test_the_catalogue_may_be_read() -> None:
    for sql in (
        "SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1::oid[])",
        "WITH a AS (SELECT oid FROM pg_class) SELECT oid FROM a",
        "SELECT k FROM unnest($1::oid[]) AS u (k)",
    ):
        assert list(w3._objections("postgres", sql)) == [], sql


def test_what_may_be_read_is_what_the_connector_says_and_kept_apart() -> None:
    text = resources.files("fanlight.connectors.postgres").joinpath("readable.toml").read_text("utf-8")
    assert set(tomllib.loads(text)["relations"]) == w3._readable("postgres")
    assert {one.name for one in connectors()} == {"postgres"}


def test_a_kind_of_source_that_nobody_judged_is_found() -> None:
    assert [code for code, _ in w3._objections("oracle", "SELECT 1")] == ["statement.unknown_source"]


def test_a_new_field_at_the_boundary_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wider = dataclasses.make_dataclass("Asset", [*w3._YIELDED["Asset"], "sample"])
    real = w3._dataclasses

    def with_sample(answer: Any, seen: set[type]) -> set[type]:
        return {wider if one is boundary.Asset else one for one in real(answer, seen)}

    monkeypatch.setattr(w3, "_dataclasses", with_sample)
    findings = Findings()
    w3._compare_boundary(findings)
    assert findings.by_code == {"boundary.field": 1}


def test_a_new_answer_of_a_session_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def sample(self: Any) -> list[str]:
        raise NotImplementedError

    monkeypatch.setattr(boundary.Session, "sample", sample, raising=False)
    findings = Findings()
    w3._compare_boundary(findings)
    assert findings.by_code == {"boundary.answer": 1}


def test_a_new_mark_of_a_column_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundary, "COLUMN_FIELDS", (*boundary.COLUMN_FIELDS, "sample"))
    findings = Findings()
    w3._compare_boundary(findings)
    assert findings.by_code == {"boundary.field": 1}
