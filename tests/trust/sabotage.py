"""Sabotage: ways to break a promise for real, and to mend it again. `make sabotage` tries each and prints what came of it.

A sabotage passes when exactly its own promise turns red, every other one stands as before, and all is as before after
the repair.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from fanlight.trust.types import State
from tests.conftest import made_catalogue
from tests.trust.ground import Ground, make_ground

Act = Callable[[Ground], None]


@dataclass(frozen=True)
class Sabotage:
    """One way to break a promise. what: in words."""

    promise: str
    what: str
    breaks: Act
    repairs: Act


def by_psql(promise: str, what: str, breaks: str, repairs: str) -> Sabotage:
    """Return a sabotage that the server's superuser does to the catalogue's database."""
    return Sabotage(promise, what, lambda ground: ground.psql(breaks), lambda ground: ground.psql(repairs))


POLICY = "organization_id = nullif(current_setting('fanlight.organization_id', true), '')::uuid"
W2 = (
    by_psql(
        "W2",
        "a policy is dropped",
        "DROP POLICY organization ON vault_wrappedkey",
        f"CREATE POLICY organization ON vault_wrappedkey USING ({POLICY}) WITH CHECK ({POLICY})",
    ),
    by_psql(
        "W2",
        "row security is no longer forced",
        "ALTER TABLE catalog_asset NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE catalog_asset FORCE ROW LEVEL SECURITY",
    ),
    by_psql(
        "W2",
        "a second policy lets everybody see everything",
        "CREATE POLICY open ON catalog_asset USING (true)",
        "DROP POLICY open ON catalog_asset",
    ),
    by_psql(
        "W2",
        "the portal is granted the sealed credentials",
        "GRANT SELECT ON vault_sealedcredential TO fanlight_portal",
        "REVOKE SELECT ON vault_sealedcredential FROM fanlight_portal",
    ),
    by_psql(
        "W2",
        "a function that runs as its owner reads past row security",
        "CREATE FUNCTION every_asset() RETURNS bigint LANGUAGE sql SECURITY DEFINER "
        "AS 'SELECT count(*) FROM catalog_asset'",
        "DROP FUNCTION every_asset()",
    ),
    by_psql(
        "W2",
        "the portal's role is set to one organization from the start",
        "DO $$ BEGIN EXECUTE format('ALTER ROLE fanlight_portal IN DATABASE %%I SET fanlight.organization_id = %%L', "
        "current_database(), (SELECT min(id::text) FROM tenancy_organization)); END $$".replace("%%", "%"),
        "DO $$ BEGIN EXECUTE format('ALTER ROLE fanlight_portal IN DATABASE %I RESET ALL', current_database()); END $$",
    ),
)
D3 = (
    by_psql(
        "D3",
        "a table that nobody declared",
        "CREATE TABLE samples (id int, value text)",
        "DROP TABLE samples",
    ),
    by_psql(
        "D3",
        "a field without a data class",
        "ALTER TABLE catalog_column ADD COLUMN sample text",
        "ALTER TABLE catalog_column DROP COLUMN sample",
    ),
    by_psql(
        "D3",
        "a literal in a stored view",
        "UPDATE catalog_asset SET facts = jsonb_set(facts, '{definition}', "
        "to_jsonb(replace(facts ->> 'definition', '?', '41'))) WHERE facts ? 'definition'",
        "UPDATE catalog_asset SET facts = jsonb_set(facts, '{definition}', "
        "to_jsonb(replace(facts ->> 'definition', '41', '?'))) WHERE facts ? 'definition'",
    ),
    by_psql(
        "D3",
        "a literal in a stored default",
        """UPDATE catalog_column SET "default" = '''a''::text' WHERE "default" = '?::text'""",
        """UPDATE catalog_column SET "default" = '?::text' WHERE "default" = '''a''::text'""",
    ),
    by_psql(
        "D3",
        "a fact that no connector declares",
        """UPDATE catalog_asset SET facts = facts || '{"most_common": ["x"]}' WHERE kind = 'table'""",
        "UPDATE catalog_asset SET facts = facts - 'most_common' WHERE kind = 'table'",
    ),
    by_psql(
        "D3",
        "a canary literal rests in the ledger",
        "UPDATE extraction_ledgerline SET source = source || ' flliteral_x' WHERE number = 1",
        "UPDATE extraction_ledgerline SET source = replace(source, ' flliteral_x', '') WHERE number = 1",
    ),
)
EVERY = (*W2, *D3)


@dataclass(frozen=True)
class Result:
    """What came of a sabotage."""

    promise: str
    what: str
    turned_red: bool
    only_that_one: bool
    green_after_repair: bool

    @property
    def has_passed(self) -> bool:
        """Whether the control did its work."""
        return self.turned_red and self.only_that_one and self.green_after_repair


def attempt(ground: Ground, sabotage: Sabotage, before: dict[str, State]) -> Result:
    """Break, look, repair, look. before: how every promise stood."""
    try:
        sabotage.breaks(ground)
        broken = ground.check()
    finally:
        sabotage.repairs(ground)
    mended = ground.check()
    others = {one for one in before if broken[one] is not before[one]} - {sabotage.promise}
    return Result(
        promise=sabotage.promise,
        what=sabotage.what,
        turned_red=broken[sabotage.promise] is State.BROKEN,
        only_that_one=not others,
        green_after_repair=mended == before and before[sabotage.promise] is State.PROVEN,
    )


def report(results: list[Result]) -> dict[str, dict[str, object]]:
    """Return the counts per promise."""
    said: dict[str, dict[str, object]] = {}
    for promise in dict.fromkeys(one.promise for one in results):
        own = [one for one in results if one.promise == promise]
        said[promise] = {
            "sabotages": len(own),
            "turned_red": sum(one.turned_red for one in own),
            "exactly_that_one": sum(one.turned_red and one.only_that_one for one in own),
            "green_after_repair": sum(one.green_after_repair for one in own),
            "failed": [asdict(one) for one in own if not one.has_passed],
        }
    return said


def main() -> int:
    """Try every sabotage and print the counts. Exit 1 when one was not noticed, or not alone, or not mended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder, made_catalogue(Path(folder) / "catalogue") as catalogue:
        ground_folder = Path(folder) / "ground"
        ground_folder.mkdir()
        ground = make_ground(catalogue, ground_folder)
        before = ground.check()
        for sabotage in EVERY:
            results.append(attempt(ground, sabotage, before))
            if not as_json:
                word = "ok" if results[-1].has_passed else "FAILED"
                print(f"{sabotage.promise}  {word:6}  {sabotage.what}", flush=True)
    print(json.dumps(report(results), indent=2))
    return 0 if all(one.has_passed for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
