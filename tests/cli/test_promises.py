"""`fanlight promises` by real processes: what it tries, what it prints, and how it ends when a promise is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.running import Home

SIX = {"R1", "R2", "R3", "D3", "W2", "W3"}
BREAKS = "ALTER TABLE catalog_asset ADD COLUMN sample text"
REPAIRS = "ALTER TABLE catalog_asset DROP COLUMN sample"


def states(rows: Any) -> dict[str, str]:
    return {row["id"]: row["state"] for row in rows}


def test_every_control_is_tried_now_and_the_six_are_proven(home: Home) -> None:
    rows = home.read("promises")
    assert {one for one, state in states(rows).items() if state == "proven"} == SIX
    assert set(states(rows).values()) == {"proven", "not claimed"}
    for row in rows:
        assert set(row) == {"id", "sentence", "state", "since", "checked_at", "evidence"}
    zones = {row["id"]: row["evidence"]["zone"] for row in rows if row["id"] in SIX}
    assert zones == dict.fromkeys(SIX, "worker") | {"W2": "portal"}


def test_the_table_is_quiet_and_names_nothing_of_an_organization(home: Home) -> None:
    done = home.fanlight("promises")
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) >= 26
    for name in ("Alice", "Charlie", "shop", "sales"):
        assert name not in done.stdout


def test_stored_results_are_told_without_trying(home: Home) -> None:
    before = {row["id"]: row["checked_at"] for row in home.read("promises")}
    assert {row["id"]: row["checked_at"] for row in home.read("promises", "--stored")} == before


def test_one_can_be_tried_alone(home: Home) -> None:
    before = {row["id"]: row["checked_at"] for row in home.read("promises")}
    (row,) = home.read("promises", "--only", "w2")
    assert (row["id"], row["state"]) == ("W2", "proven")
    after = {row["id"]: row["checked_at"] for row in home.read("promises", "--stored")}
    assert {one for one in before if before[one] != after[one]} == {"W2"}


def test_a_promise_that_the_policy_has_not_is_not_found(home: Home) -> None:
    done = home.fanlight("promises", "--only", "X9")
    assert done.returncode == 1
    assert "There is no promise 'X9'" in done.stderr
    assert "T1, T2" in done.stderr


def test_a_broken_promise_ends_with_one_and_says_where(home: Home) -> None:
    home.read("promises", "--stored")  # the server is running now
    with home.connect() as session:
        session.execute(BREAKS)
        try:
            done, told = home.fanlight("promises", "--only", "D3"), home.fanlight("promises", "--json")
        finally:
            session.execute(REPAIRS)
    assert (done.returncode, told.returncode) == (1, 1)
    assert "D3: A field exists that has no data class." in done.stdout
    assert "catalog_asset.sample" in done.stdout
    rows = json.loads(told.stdout)
    assert {one for one, state in states(rows).items() if state == "broken"} == {"D3"}
    (row,) = [row for row in rows if row["id"] == "D3"]
    assert row["evidence"]["details"] == [{"code": "field.undeclared", "field": "catalog_asset.sample"}]
    # It stays broken until somebody looks again.
    assert home.fanlight("promises", "--stored").returncode == 1
    assert home.fanlight("promises").returncode == 0


def test_a_home_without_an_organization_has_not_exercised_what_needs_one(
    new_home: Callable[[], Home],
) -> None:
    made = new_home()
    assert made.fanlight("migrate").returncode == 0
    rows = states(made.read("promises"))
    assert {one for one, state in rows.items() if state == "not exercised"} == {"R1", "R2", "R3", "W2"}
    assert {one for one, state in rows.items() if state == "proven"} == {"D3", "W3"}


@pytest.mark.parametrize("zone", ["nobody", "owner", "worker"])
def test_no_process_is_made_another_ones(home: Home, zone: str) -> None:
    assert home.fanlight("promises", "--zone", zone).returncode == 2
