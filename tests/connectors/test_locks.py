"""One locked table does not kill a run, and a run does not hold up a migration."""

from __future__ import annotations

import threading
import time

import pytest

from fanlight.connectors.postgres import definitions
from fanlight.connectors.types import Asset, AssetKind, NotSeen
from fanlight.core.errors import SourceFailure
from fanlight.core.identifiers import join_path
from tests.connectors.conftest import Source
from tests.connectors.oracle import described, differences

LOCKED = "shop.customers"
# What the server cannot print without a lock on that table: itself, and the views over it.
AFFECTED = {("table", "shop", "customers"), ("view", "shop", "rich"), ("materialized_view", "shop", "totals")}


def test_a_table_locked_for_the_whole_run_is_the_only_thing_missing(shop: Source) -> None:
    before = described(shop.read())
    with shop.superuser() as holder, holder.transaction():
        holder.execute(f"LOCK TABLE {LOCKED} IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        assets = shop.read()
        took = time.monotonic() - started
    assert took < 30
    not_seen = {(str(asset.kind), *asset.path[1:]) for asset in assets if asset.not_seen}
    assert ("table", "shop", "customers") in not_seen
    assert not_seen <= AFFECTED
    assert {asset.not_seen for asset in assets} == {"", "locked"}
    assert {one.reason for one in shop.not_seen} == {"locked"}
    assert len(shop.not_seen) == len(not_seen)
    assert NotSeen(join_path(shop.database, "shop", "customers"), "locked") in shop.not_seen
    # Everything else is as before, and of the locked table all that needs no lock.
    during = described(_defined(assets))
    unaffected = before.keys() - AFFECTED
    assert (
        differences({key: before[key] for key in unaffected}, {key: during[key] for key in unaffected}) == []
    )
    customers = during["table", "shop", "customers"]
    assert [column[:4] for column in customers["columns"]] == [
        column[:4] for column in before["table", "shop", "customers"]["columns"]
    ]
    assert customers["comment"] == before["table", "shop", "customers"]["comment"]


def _defined(assets: list[Asset]) -> list[Asset]:
    for asset in assets:
        for constraint in asset.facts.get("constraints", []):
            constraint.setdefault("definition", None)
    return assets


def test_many_locked_tables_take_a_bounded_time(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "_PATIENCE_SECONDS", 1.0)
    tables = ";".join(f"CREATE TABLE t{number} (a integer DEFAULT {number})" for number in range(60))
    source.execute(tables)
    with source.superuser() as holder, holder.transaction():
        holder.execute(";".join(f"LOCK TABLE t{number} IN ACCESS EXCLUSIVE MODE" for number in range(40)))
        started = time.monotonic()
        assets = source.read()
    tables_read = [asset for asset in assets if asset.kind is AssetKind.TABLE]
    assert time.monotonic() - started < 15
    assert len(tables_read) == 60
    waits = [entry for entry in source.ledger if entry.error == "55P03"]
    if not waits:  # this version prints a plain default without a lock
        assert source.not_seen == []
        return
    assert sum(bool(asset.not_seen) for asset in tables_read) == 40
    assert "shortest_lock_timeout" in {entry.statement for entry in source.ledger}


def test_a_run_that_has_read_a_batch_does_not_hold_up_a_migration(shop: Source) -> None:
    with shop.open() as session:
        batches = session.read()
        for batch in batches:
            if any(asset.kind is AssetKind.VIEW for asset in batch):
                break
        shop.execute("SET lock_timeout = '1s'; ALTER TABLE shop.customers ADD COLUMN added integer")


def test_a_catalogue_table_that_is_locked_ends_the_run_with_a_remedy(source: Source) -> None:
    source.execute("CREATE TABLE t (a integer)")
    with source.superuser() as holder, holder.transaction(), source.open() as session:
        holder.execute("LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SourceFailure) as failed:
            list(session.read())
    assert failed.value.code == "source.timeout"


def test_a_read_is_stopped_from_another_thread(shop: Source) -> None:
    with shop.superuser() as holder, holder.transaction(), shop.open() as session:
        holder.execute("LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE")
        timer = threading.Timer(0.5, session.cancel)
        timer.start()
        started = time.monotonic()
        with pytest.raises(SourceFailure) as failed:
            list(session.read())
        timer.join()
    assert failed.value.code == "source.cancelled"
    assert time.monotonic() - started < 4


def test_a_read_that_is_left_early_leaves_no_transaction_behind(shop: Source) -> None:
    with shop.open() as session:
        next(batches := session.read())
        batches.close()  # type: ignore[attr-defined]
        assert not session._guard.is_in_transaction
        assert len(list(session.read())) > 1


def test_what_is_dropped_meanwhile_is_still_of_the_snapshot(shop: Source) -> None:
    with shop.open() as session:
        batches = session.read()
        next(batches)
        shop.execute("DROP VIEW shop.rich CASCADE; DROP TABLE shop.rooms")
        assets = [asset for batch in batches for asset in batch]
    paths = {asset.path[1:] for asset in assets}
    assert ("shop", "rooms") in paths
    assert ("shop", "rich") in paths
