"""What each verb prints, as text and as JSON, on one home with a source extracted."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.cli.conftest import Shop
from tests.cli.running import CANARY, FANLIGHT, Home, environment

OF_ALICE = ("--organization", "Alice & Co")
VERBS = (
    *(
        "connect",
        "demo",
        "doctor",
        "extract",
        "integrations",
        "inventory",
        "migrate",
        "organization",
        "permissions",
    ),
    *("approve", "cancel", "changes", "delete", "excess", "pause", "resume", "schedule"),
    *("portal", "promises", "search", "show", "sign-in", "statements", "up", "worker"),
)


def test_connect_extracts_and_says_how_that_went(home: Home, shop: Shop) -> None:
    name = ("--name", "again", "--password-stdin", *OF_ALICE)
    done = home.fanlight("connect", shop.url, *name, stdin=f"{shop.password}\n")
    assert done.returncode == 0, done.stderr
    assert "Its password is sealed" in done.stderr
    assert "again: 7 added, 0 changed, 0 gone, 0 unchanged" in done.stdout
    assert shop.password not in done.stdout + done.stderr


def test_extract_reports_its_run(home: Home) -> None:
    run = home.read("extract", "shop", *OF_ALICE)
    assert set(run) == {
        *("integration", "run", "state", "product", "milliseconds", "phases", "statements", "rows", "bytes"),
        *("changes", "not_seen", "error"),
    }
    assert (run["integration"], run["state"], run["error"]) == ("shop", "succeeded", None)
    assert run["changes"]["unchanged"] == 7
    assert run["not_seen"] == {"count": 0, "first": []}


def test_search_finds_by_the_beginning_of_a_name(home: Home) -> None:
    hits = home.read("search", "ord", *OF_ALICE)
    assert {"path": "shop.postgres.sales.orders", "kind": "table", "score": hits[0]["score"]} in hits
    assert len(home.read("search", "ord", "--limit", "1", *OF_ALICE)) == 1
    assert home.fanlight("search", "orders", *OF_ALICE).stdout.startswith(
        "table   shop.postgres.sales.orders\n"
    )


def test_search_exits_with_1_when_nothing_is_found(home: Home) -> None:
    assert (
        home.fanlight("search", "zzz", *OF_ALICE).returncode,
        home.fanlight("search", "zzz", *OF_ALICE).stdout,
    ) == (
        1,
        "Nothing found. Try fewer words, or the beginning of one.\n",
    )
    done = home.fanlight("search", "zzz", "--json", *OF_ALICE)
    assert (done.returncode, done.stdout) == (1, "[]\n")


def test_another_organization_finds_nothing(home: Home) -> None:
    assert home.fanlight("search", "orders", "--organization", "Charlie").returncode == 1
    assert home.read("integrations", "--organization", "Charlie") == []


def test_show_prints_a_table_with_its_columns_and_keys(home: Home) -> None:
    shown = home.read("show", "shop.postgres.sales.orders", *OF_ALICE)
    assert set(shown) == {
        *("path", "kind", "comment", "columns", "keys", "indexes", "definition", "row_estimate"),
        *("size_bytes_estimate", "not_seen", "facts"),
    }
    assert [one["name"] for one in shown["columns"]] == ["order_id", "total", "customer_id"]
    assert {"primary", "foreign", "check"} <= {one["kind"] for one in shown["keys"]}
    text = home.fanlight("show", "shop.postgres.sales.orders", *OF_ALICE).stdout
    assert "numeric(12,2)" in text
    assert "-> postgres.sales.customers (customer_id)" in text.replace("shop.", "")


def test_show_lists_what_is_below(home: Home) -> None:
    said = {"path", "kind", "comment", "children"}
    for path, below, more in (
        ("shop", "shop.postgres", set()),
        ("shop.postgres.sales", "shop.postgres.sales.orders", {"facts", "not_seen"}),
    ):
        shown = home.read("show", path, *OF_ALICE)
        assert set(shown) == said | more
        assert below in [one["path"] for one in shown["children"]]
        assert home.fanlight("show", path, *OF_ALICE).returncode == 0


def test_show_recursive_prints_a_line_for_everything_in_a_stable_order(home: Home) -> None:
    first, second = (home.fanlight("show", "shop", "--recursive", *OF_ALICE).stdout for _ in range(2))
    assert first == second
    paths = [json.loads(line)["path"] for line in first.splitlines()]
    assert len(paths) == 7
    assert paths[0] == "shop.postgres"
    assert 'shop.postgres.sales."odd.name"' in paths


def test_a_name_with_a_dot_is_shown_by_its_quoted_path(home: Home) -> None:
    assert home.read("show", 'shop.postgres.sales."odd.name"', *OF_ALICE)["kind"] == "table"


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "customers"),
        ("show", "shop.postgres.sales"),
        ("show", "shop.postgres.sales.customers"),
        ("show", 'shop.postgres.sales."odd.name"'),
        ("show", "shop", "--recursive"),
    ],
)
def test_nothing_of_a_source_reaches_the_terminal_unseen(home: Home, arguments: tuple[str, ...]) -> None:
    printed = home.fanlight(*arguments, *OF_ALICE).stdout
    assert printed
    assert not [one for one in printed if not one.isprintable() and one != "\n"]


def test_integrations_tells_how_the_latest_run_went(home: Home) -> None:
    listed = home.read("integrations", *OF_ALICE)
    (shop,) = [one for one in listed if one["name"] == "shop"]
    assert (shop["connector"], shop["state"], shop["latest_run"]["trigger"]) == (
        "postgres",
        "succeeded",
        "person",
    )
    assert shop["credential"] == {"sentence": "Cannot read data", "is_excessive": False}
    assert shop["next_at"]
    assert "succeeded" in home.fanlight("integrations", *OF_ALICE).stdout


def test_organizations_are_listed(home: Home) -> None:
    listed = home.read("organization", "list")
    assert [one["name"] for one in listed] == ["Alice & Co", "Charlie"]
    assert set(listed[0]) == {"id", "name"}


def test_sign_in_prints_a_link_and_when_it_ends(home: Home) -> None:
    link = home.read("sign-in", "alice@a.example", *OF_ALICE, "--url", "https://catalogue.example/")
    assert set(link) == {"url", "expires_at"}
    assert link["url"].startswith("https://catalogue.example/sign-in/")


def test_statements_prints_the_three_lists(home: Home) -> None:
    lists = home.read("statements", "postgres")["postgres"]
    assert set(lists) == {"catalogue", "session", "driver"}
    assert {"name", "digest", "purpose", "sql"} <= set(lists["catalogue"][0])
    text = home.fanlight("statements").stdout
    assert all(one["digest"] in text for one in lists["catalogue"])


def test_permissions_quotes_the_names_it_is_given(home: Home) -> None:
    done = home.fanlight("permissions", "postgres", "--user", 'a"b', "--database", "x", "--database", "y")
    assert done.returncode == 0
    assert 'GRANT CONNECT ON DATABASE "y" TO "a""b"' in done.stdout


def test_permissions_adds_what_a_capability_needs_and_refuses_what_there_is_not(home: Home) -> None:
    least = home.fanlight("permissions", "postgres").stdout
    done = home.fanlight("permissions", "postgres", "--capability", "metadata", "--hardening")
    assert done.stdout.startswith(least)
    assert "-- GRANT SELECT ON " in done.stdout
    assert "FROM PUBLIC" in done.stdout
    assert (
        "capability.unknown" in home.fanlight("permissions", "postgres", "--capability", "profiling").stderr
    )


def test_inventory_lists_every_field_with_its_class(home: Home) -> None:
    rows = home.read("inventory")
    assert all(
        set(row) == {"table", "field", "class", "kind", "retention"} and all(row.values()) for row in rows
    )
    assert "catalog_asset.name" in home.fanlight("inventory").stdout


def test_doctor_finds_nothing_wrong_and_then_an_open_secret(home: Home) -> None:
    told = home.read("doctor")
    assert told["findings"] == []
    assert told["facts"]["connected_as"] == "fanlight_portal"
    secret = home.path / "secrets" / "root.key"
    secret.chmod(0o644)
    try:
        done = home.fanlight("doctor", "--json")
    finally:
        secret.chmod(0o600)
    assert done.returncode == 1
    assert [one["code"] for one in json.loads(done.stdout)["findings"]] == ["doctor.open_secret"]


def test_migrate_is_quick_when_nothing_is_to_do(home: Home) -> None:
    assert home.fanlight("migrate").stdout == "The home's schema is up to date.\n"
    assert "CREATE ROLE fanlight_portal" in home.fanlight("migrate", "--print-roles").stdout


def test_no_file_of_the_home_holds_the_password(home: Home) -> None:
    found = [file for file in home.path.rglob("*") if file.is_file() and CANARY.encode() in file.read_bytes()]
    assert found == []


def test_help_names_every_verb_and_each_explains_itself(home: Home) -> None:
    listed = home.fanlight("--help").stdout
    assert home.fanlight().stdout == listed
    for verb in VERBS:
        assert f" {verb} " in listed
        done = home.fanlight(verb, "--help")
        assert done.returncode == 0
        assert f"Usage: fanlight {verb}" in done.stdout
    assert home.fanlight("--version").stdout.startswith("fanlight ")


def test_a_reader_that_has_had_enough_is_no_failure(home: Home) -> None:
    process = subprocess.Popen(
        [*FANLIGHT, "inventory"],
        env=environment(FANLIGHT_HOME=str(home.path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 0


def test_changes_tells_what_runs_found(home: Home) -> None:
    (first,) = [one for one in home.read("changes", "shop", *OF_ALICE) if one["is_first"]]
    assert set(first) == {"at", "run", "integration", "is_first", "counts", "lines"}
    assert ["added", "table", 3] in first["counts"]
    assert "first extraction: " in home.fanlight("changes", "shop", *OF_ALICE).stdout
    assert home.read("changes", "shop", "--since", "2001-01-01", "--until", "2001-01-02", *OF_ALICE) == []
    assert home.read("changes", "shop.postgres.sales.orders", *OF_ALICE) == []
    said = home.fanlight(
        "changes", "shop", "--net", "--since", "2001-01-01", "--until", "2001-01-02", *OF_ALICE
    )
    assert said.stdout == "Nothing has changed there, as far as the runs tell.\n"
    assert home.read("changes", "--organization", "Charlie") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--since", "yesterday"),
        ("shop", "--until", "2026-13-01"),
        ("shop", "--net"),
        ("shop", "--net", "--since", "2026-01-01"),
        ("--net", "--since", "2026-01-01", "--until", "2026-01-02"),
        ('"shop',),
    ],
)
def test_changes_says_what_is_wrong_with_its_days_and_path(home: Home, arguments: tuple[str, ...]) -> None:
    done = home.fanlight("changes", *arguments, *OF_ALICE)
    assert (done.returncode, done.stdout) == (2, "")
