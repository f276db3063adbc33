"""Sabotage: ways to break a promise for real, and to mend it again. `make sabotage` tries each and prints what came of it.

A sabotage passes when exactly its own promise turns red, every other one stands as before, and all is as before after
the repair.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import fanlight
from fanlight.trust.types import State
from tests.conftest import made_catalogue
from tests.trust.ground import Ground, make_ground

Act = Callable[[Ground], None]
PACKAGE = Path(fanlight.__file__).parent


@dataclass(frozen=True)
class Sabotage:
    """One way to break a promise. what: in words.

    edits: changes a copy of the package, which real processes then run; None where the system itself is broken.
    """

    promise: str
    what: str
    breaks: Act
    repairs: Act
    edits: Callable[[Path], None] | None = None


def by_psql(promise: str, what: str, breaks: str, repairs: str) -> Sabotage:
    """Return a sabotage that the server's superuser does to the catalogue's database."""
    return Sabotage(promise, what, lambda ground: ground.psql(breaks), lambda ground: ground.psql(repairs))


def by_copy(promise: str, what: str, edits: Callable[[Path], None]) -> Sabotage:
    """Return a sabotage of the program itself: of a copy of the package, which portal and worker then run."""
    return Sabotage(promise, what, lambda ground: None, lambda ground: None, edits)


def replace(name: str, before: str, after: str) -> Callable[[Path], None]:
    """Return an edit of one file of the package. Fails when there is nothing to replace."""

    def edit(package: Path) -> None:
        file = package / name
        text = file.read_text("utf-8")
        assert before in text, (name, before)
        file.write_text(text.replace(before, after, 1), "utf-8")

    return edit


POSTGRES = "connectors/postgres"
STATEMENTS = f"{POSTGRES}/statements"
INTRUDER = "SELECT c.relname FROM pg_class AS c"


def add_statement(package: Path) -> None:
    """Put a harmless statement beside the closed list, after it was built."""
    (package / STATEMENTS / "intruder.sql").write_text(f"-- Names of relations.\n{INTRUDER}\n")


def change_statement(package: Path) -> None:
    """Change one of the closed list, after it was built."""
    replace(f"{STATEMENTS}/database.sql", "SELECT", "SELECT ALL")(package)


def read_orders(package: Path) -> None:
    """Let the closed list read a table of the customer's, with all that its own locks ask for."""
    sql = "SELECT o.total FROM orders AS o"
    (package / STATEMENTS / "intruder.sql").write_text(f"-- Totals.\n{sql}\n")
    digest = hashlib.sha256(sql.encode()).hexdigest()
    replace(f"{STATEMENTS}/digests.toml", "[catalogue]\n", f'[catalogue]\nintruder = "{digest}"\n')(package)
    replace(f"{POSTGRES}/readable.toml", "[relations]\n", '[relations]\norders = ["total"]\n')(package)


def yield_samples(package: Path) -> None:
    """Give assets room for rows."""
    replace(
        "connectors/types.py",
        '    not_seen: str = ""\n',
        '    not_seen: str = ""\n    samples: tuple[str, ...] = ()\n',
    )(package)


def pass_everything(package: Path) -> None:
    """Take the teeth out of the reader of syntax."""
    file = package / POSTGRES / "syntax.py"
    text, count = re.subn(
        r"(def objection\(sql: str\) -> str:\n)", r'\1    return ""\n', file.read_text("utf-8")
    )
    assert count == 1
    file.write_text(text, "utf-8")


def grant_at_source(ground: Ground) -> None:
    """Give a credential a right to write, after the latest run."""
    ground.at_source(ground.tenants[0], f"GRANT INSERT ON sales.orders TO {ground.tenants[0].reader}")


def notice_and_revoke(ground: Ground) -> None:
    """Extract, which notes the right and makes the promise true again; then bring the source back to what it was."""
    ground.extract(ground.tenants[0])
    noticed = ground.check()["R3"]
    ground.at_source(ground.tenants[0], f"REVOKE INSERT ON sales.orders FROM {ground.tenants[0].reader}")
    ground.extract(ground.tenants[0])
    assert noticed is State.PROVEN, ground.findings()["R3"]


def empty_reports(ground: Ground) -> None:
    """Remove what was noted of one integration's credential."""
    ground.psql(
        "DELETE FROM integrations_privilegereport WHERE integration_id = %s", ground.tenants[1].integration_id
    )


def make_superuser(ground: Ground) -> None:
    """Make a credential the source's superuser, after the latest run."""
    ground.at_source(ground.tenants[1], f"ALTER ROLE {ground.tenants[1].reader} SUPERUSER")


def make_nobody(ground: Ground) -> None:
    """Take it away again."""
    ground.at_source(ground.tenants[1], f"ALTER ROLE {ground.tenants[1].reader} NOSUPERUSER")


SCRIPT = f"{POSTGRES}/permission_scripts.py"
GRANT_LINE = "GRANT CONNECT ON DATABASE {quoted(name)} TO {role};"
R1 = (
    by_copy(
        "R1",
        "the printed script also grants SELECT",
        replace(SCRIPT, GRANT_LINE, GRANT_LINE + " GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};"),
    ),
    by_copy(
        "R1", "the printed script makes the role one that inherits", replace(SCRIPT, "NOINHERIT", "INHERIT")
    ),
    by_copy(
        "R1",
        "the printed script lets the role grant on",
        replace(SCRIPT, 'TO {role};"', 'TO {role} WITH GRANT OPTION;"'),
    ),
)
R2 = (
    by_copy("R2", "a statement is put beside the closed list", add_statement),
    by_copy("R2", "a statement of the closed list is changed", change_statement),
    by_copy("R2", "the reader of syntax refuses nothing", pass_everything),
    by_psql(
        "R2",
        "a line of a ledger has a digest that is on no list",
        "INSERT INTO extraction_ledgerline SELECT organization_id, run_id, 999999, 'x', repeat('f', 64), source, "
        "started_at, 1, 1, 1, '' FROM extraction_ledgerline WHERE number = 1 LIMIT 1",
        "DELETE FROM extraction_ledgerline WHERE number = 999999",
    ),
)
R3 = (
    Sabotage("R3", "a right to write is granted after the latest run", grant_at_source, notice_and_revoke),
    Sabotage("R3", "a credential is made superuser after the latest run", make_superuser, make_nobody),
    Sabotage(
        "R3", "a stored report is removed", empty_reports, lambda ground: ground.extract(ground.tenants[1])
    ),
)
W3 = (
    by_copy("W3", "the closed list reads a table of the customer's, by all its own rules", read_orders),
    by_copy("W3", "assets get a field for samples", yield_samples),
    by_psql(
        "W3",
        "a marked row rests in a comment",
        "UPDATE catalog_asset SET comment = 'flrow_alice@example.com' WHERE kind = 'table'",
        "UPDATE catalog_asset SET comment = NULL WHERE comment LIKE 'flrow%'",
    ),
    by_psql(
        "W3",
        "a marked row rests in the arguments of a job",
        "INSERT INTO procrastinate_jobs (task_name, queue_name, args, scheduled_at) "
        """VALUES ('x', 'nobody', '{"a": "flrow_x"}', now() + interval '9 years')""",
        "DELETE FROM procrastinate_jobs WHERE queue_name = 'nobody'",
    ),
)
POLICY = "organization_id = nullif(current_setting('fanlight.organization_id', true), '')::uuid"
W2 = (
    by_psql(
        "W2",
        "a policy is dropped",
        "DROP POLICY organization ON catalog_statistic",
        f"CREATE POLICY organization ON catalog_statistic USING ({POLICY}) WITH CHECK ({POLICY})",
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
        "DO $$ BEGIN EXECUTE format('ALTER ROLE fanlight_portal IN DATABASE %I SET fanlight.organization_id = %L', "
        "current_database(), (SELECT min(id::text) FROM tenancy_organization)); END $$",
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
EVERY = (*R1, *R2, *R3, *D3, *W2, *W3)


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
        broken = ground.check() if sabotage.edits is None else _check_copy(ground, sabotage.edits)
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


def _check_copy(ground: Ground, edits: Callable[[Path], None]) -> dict[str, State]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "fanlight")
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "demo_source"))
        edits(copy)
        return ground.check_with(Path(folder))


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
