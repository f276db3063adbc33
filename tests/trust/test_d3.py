"""Attacks on D3's control: what must be noticed of the schema, of stored SQL, and of marked literals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fanlight.trust import canaries
from fanlight.trust.controls import d3_metadata_only
from fanlight.trust.types import Budget, Occasion, Outcome, State
from tests.trust.ground import Ground


def look(ground: Ground, seconds: float = 60) -> Outcome:
    with ground.acting_as("worker"):
        return d3_metadata_only.check(Occasion(Budget(seconds), home=ground.folder))


def search(ground: Ground, home: Path | None = None) -> canaries.Search:
    with ground.acting_as("worker"):
        return canaries.search(Occasion(Budget(60), home=home))


def test_it_holds_on_a_whole_catalogue_and_says_on_what(ground: Ground) -> None:
    found = look(ground)
    assert found.state is State.PROVEN
    assert found.counts["tables"] >= 28
    # Each of the two sources has a view, a check, a predicate and a default with a literal in it.
    assert found.counts["texts of SQL read again"] >= 8
    assert found.counts["facts"] > 50
    assert found.counts["rows searched for literals"] > 100


@pytest.mark.parametrize(
    ("breaks", "repairs", "code"),
    [
        ("CREATE TABLE kept (id int)", "DROP TABLE kept", "table.undeclared"),
        ("CREATE TABLE kept ()", "DROP TABLE kept", "table.undeclared"),
        (
            "CREATE SCHEMA apart; CREATE TABLE apart.kept (id int)",
            "DROP SCHEMA apart CASCADE",
            "table.undeclared",
        ),
        ("CREATE MATERIALIZED VIEW kept AS SELECT 1 AS a", "DROP MATERIALIZED VIEW kept", "table.undeclared"),
        (
            "ALTER TABLE tenancy_organization ADD x int",
            "ALTER TABLE tenancy_organization DROP x",
            "field.undeclared",
        ),
        (
            "ALTER TABLE catalog_statistic RENAME size_bytes TO bytes",
            "ALTER TABLE catalog_statistic RENAME bytes TO size_bytes",
            "field.missing",
        ),
        (
            "ALTER TABLE auth_group_permissions RENAME TO gone",
            "ALTER TABLE gone RENAME TO auth_group_permissions",
            "table.missing",
        ),
    ],
)
def test_it_notices_what_the_schema_has_and_nobody_declared(
    ground: Ground, breaks: str, repairs: str, code: str
) -> None:
    ground.psql(breaks)
    try:
        found = look(ground)
    finally:
        ground.psql(repairs)
    assert code in found.findings.by_code


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"definition": "SELECT 'x'"}, "literal.kept"),
        ({"definition": "SELECT 41"}, "literal.kept"),
        ({"definition": "SELECT $$x$$"}, "literal.kept"),
        ({"definition": "SELECT 'never closed"}, "literal.kept"),
        ({"definition": "'x'", "definition_kind": "digest"}, "literal.kept"),
        ({"definition": "blake2b:12 'x'", "definition_kind": "digest"}, "literal.kept"),
        ({"definition": ["a", "'x'"]}, "literal.kept"),
        ({"constraints": [{"name": "a", "definition": "CHECK (b > 7)"}]}, "literal.kept"),
        ({"indexes": [{"keys": [{"expression": "lower('x')"}]}]}, "literal.kept"),
        ({"indexes": [{"name": "a", "samples": [1]}]}, "fact.undeclared"),
        ({"most_common_vals": ["x"]}, "fact.undeclared"),
        ({"samples_kind": "x"}, "fact.undeclared"),
    ],
)
def test_it_notices_a_literal_and_an_unknown_fact(
    ground: Ground, facts: dict[str, object], code: str
) -> None:
    asset = "kind = 'view'"
    ground.psql(f"UPDATE catalog_asset SET facts = facts || jsonb_build_object('owner', facts) WHERE {asset}")
    ground.psql(
        f"UPDATE catalog_asset SET facts = jsonb_build_object('owner', facts -> 'owner', 'comment', %s::jsonb) WHERE {asset}",
        json.dumps(facts),
    )
    try:
        found = look(ground)
    finally:
        ground.psql(f"UPDATE catalog_asset SET facts = facts -> 'owner' WHERE {asset}")
    assert found.findings.by_code == {code: 2}  # one for each of the two organizations
    assert {one.where["organization"] for one in found.findings.first} == {
        one.organization_id for one in ground.tenants
    }


@pytest.mark.parametrize(
    ("part", "field", "value", "code"),
    [
        ("", "definition", "SELECT 'x'", "literal.kept"),
        ("column", "default", "'x'", "literal.kept"),
        ("indexes", "predicate", "(a > 41)", "literal.kept"),
        ("indexes", "", {"name": "a", "predicate": "(a > 41)"}, "literal.kept"),
        ("", "definition", {"digest": "'x'"}, "literal.kept"),
        ("", "definition", {"characters": 2000, "digest": "'x'"}, "literal.kept"),
        ("", "samples", [1], "fact.undeclared"),
        ("indexes", "", {"name": "a", "samples": [1]}, "fact.undeclared"),
        ("", "definition", "SELECT a FROM b WHERE c = ?", ""),
        ("column", "type", "numeric(12,2)", ""),
        ("", "", "table", ""),
        ("", "definition", {"digest": f"blake2b:{'a' * 32}"}, ""),
        ("", "definition", {"characters": 2000, "digest": f"sha256:{'a' * 64}"}, ""),
        ("indexes", "", {"name": "a", "predicate": "(a > ?)"}, ""),
    ],
)
def test_it_notices_a_literal_among_the_changes(
    ground: Ground, part: str, field: str, value: object, code: str
) -> None:
    ground.psql(
        "INSERT INTO catalog_changeset SELECT DISTINCT ON (organization_id) organization_id, id, id, now(), false, 1, 1, '[]' "
        "FROM integrations_integration ORDER BY 1, 2"
    )
    ground.psql(
        "INSERT INTO catalog_change SELECT organization_id, run_id, 1, run_id, %s, 'a', %s, 'changed', NULL, %s::jsonb "
        "FROM catalog_changeset WHERE run_id = integration_id",
        part,
        field,
        json.dumps(value),
    )
    try:
        found = look(ground)
    finally:
        ground.psql("DELETE FROM catalog_changeset WHERE run_id = integration_id")
    assert found.findings.by_code == ({code: 2} if code else {})


def test_a_digest_that_is_one_is_no_literal(ground: Ground) -> None:
    ground.psql(
        "UPDATE catalog_asset SET facts = facts || jsonb_build_object('definition', 'blake2b:' || repeat('a', 32), "
        "'definition_kind', 'digest', 'owner', facts) WHERE kind = 'view'"
    )
    try:
        found = look(ground)
    finally:
        ground.psql("UPDATE catalog_asset SET facts = facts -> 'owner' WHERE kind = 'view'")
    assert found.state is State.PROVEN


@pytest.mark.parametrize(
    ("breaks", "repairs", "table"),
    [
        # Text, JSON, bytes, lists and what is kept backwards; of an organization, of all, and of the queue.
        (
            "UPDATE catalog_asset SET comment = 'a flliteral_x'",
            "UPDATE catalog_asset SET comment = NULL",
            "catalog_asset",
        ),
        (
            "UPDATE extraction_run SET phases = phases || '{\"flliteral_x\": 1}'",
            "UPDATE extraction_run SET phases = phases - 'flliteral_x'",
            "extraction_run",
        ),
        (
            "UPDATE audit_auditevent SET encoded = encoded || 'flliteral_x' WHERE sequence = 1",
            "UPDATE audit_auditevent SET encoded = substr(encoded, 1, length(encoded) - 11) WHERE sequence = 1",
            "audit_auditevent",
        ),
        (
            "UPDATE discovery_entry SET name = name || 'x_laretillf'",
            "UPDATE discovery_entry SET name = replace(name, 'x_laretillf', '')",
            "discovery_entry",
        ),
        (
            (
                "INSERT INTO procrastinate_jobs (task_name, queue_name, args, scheduled_at) "
                "VALUES ('x', 'nobody', '{\"a\": \"flliteral_x\"}', now() + interval '9 years')"
            ),
            "DELETE FROM procrastinate_jobs WHERE queue_name = 'nobody'",
            "procrastinate_jobs",
        ),
        (
            "UPDATE trust_result SET findings = '[\"flliteral_x\"]' WHERE promise = 'W2'",
            "UPDATE trust_result SET findings = '[]' WHERE promise = 'W2'",
            "trust_result",
        ),
    ],
)
def test_a_canary_is_found_wherever_it_rests(ground: Ground, breaks: str, repairs: str, table: str) -> None:
    assert search(ground).hits == {canaries.ROW: [], canaries.LITERAL: []}
    ground.psql(breaks)
    try:
        found = search(ground).hits
    finally:
        ground.psql(repairs)
    assert {hit["table"] for hit in found[canaries.LITERAL]} == {table}
    assert found[canaries.ROW] == []


def test_a_canary_is_found_in_a_log_across_the_edge_of_what_is_read_at_once(
    ground: Ground, tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "worker.log").write_bytes(b"-" * ((1 << 20) - 4) + b"flrow_x" + b"-" * (1 << 20))
    (tmp_path / "notes.txt").write_text("flrow_x")
    found = search(ground, tmp_path)
    assert found.files == 1
    assert found.hits[canaries.ROW] == [{"file": "worker.log", "times": 1}]


def test_the_search_leaves_no_mark_of_its_own_in_a_servers_log(ground: Ground) -> None:
    ground.psql("ALTER SYSTEM SET log_statement = 'all'")
    ground.psql("SELECT pg_reload_conf()")
    before = ground.catalogue.server.log_file.stat().st_size
    try:
        search(ground)
    finally:
        ground.psql("ALTER SYSTEM RESET log_statement")
        ground.psql("SELECT pg_reload_conf()")
    with ground.catalogue.server.log_file.open("rb") as log:
        log.seek(before)
        said = log.read()
    assert b"strpos" in said
    assert b"flrow_" not in said
    assert b"flliteral_" not in said


def test_what_this_role_may_not_read_is_counted_and_not_claimed(ground: Ground) -> None:
    found = search(ground)
    assert found.dark_fields > 0
    assert found.fields > 70
    assert found.rows > 100
    assert found.size_bytes > 10_000


def test_a_look_whose_time_is_over_says_so(ground: Ground) -> None:
    assert look(ground, seconds=0).is_partial
