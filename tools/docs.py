"""Write the pages of docs/ that are generated from the code, or check that they are up to date.

usage: docs.py --write | --check
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- Made by tools/docs.py from the code; `make docs` writes it anew. -->\n\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"

    return line(head) + line(("---",) * len(head)) + "".join(map(line, rows))


def settings_page() -> str:
    """Return docs/settings.md: every FANLIGHT_* variable."""
    from fanlight.config.environment import SETTINGS

    rows = [
        (
            f"`{one.name}{'_FILE' if one.is_secret else ''}`",
            ("The path of a file that holds: " if one.is_secret else "") + one.meaning,
            f"`{one.default}`" if one.default else "",
            ", ".join(one.processes),
        )
        for one in SETTINGS
    ]
    return (
        "# Settings\n\nSecrets are read from files only; one that stands in the environment itself is refused.\n\n"
        + _table(("Variable", "Meaning", "Default", "Read by"), rows)
    )


def tables_page() -> str:
    """Return docs/tables.md: what is stored, by table and field, and who may touch it."""
    from fanlight.tenancy.register import stored_functions, stored_tables

    parts = [
        (
            "# What is stored\n\nEvery table and field, its data class, how long it is kept, and what each database "
            "role may do. The grants and policies are made from the same register (`tenancy/tables.toml`), and the "
            "tests compare it with the live schema.\n"
        )
    ]
    for table in stored_tables():
        grants = "; ".join(f"{role}: {', '.join(what)}" for role, what in table.grants.items()) or "nobody"
        parts.append(
            f"\n## {table.name}\n\n{table.kind.value.capitalize()}, kept {table.retention}. Grants: {grants}.\n\n"
            + _table(("Field", "Class"), [(f"`{name}`", kind.value) for name, kind in table.fields.items()])
        )
    parts.append("\n## Functions that see past a policy\n\n")
    parts.append(
        _table(
            ("Function", "Owner", "Callable by", "Decision"),
            [
                (f"`{one.signature}`", one.owner, ", ".join(one.executable_by), one.decision)
                for one in stored_functions()
            ],
        )
    )
    return "".join(parts)


def permissions_page() -> str:
    """Return docs/permissions.md: role -> permissions."""
    from fanlight.access.services import KIND_PERMISSIONS, ROLE_PERMISSIONS
    from fanlight.access.types import Permission

    holders = {**{role.value: held for role, held in ROLE_PERMISSIONS.items()}}
    holders |= {kind.value: held for kind, held in KIND_PERMISSIONS.items()}
    rows = [
        (f"`{permission.value}`", *("yes" if permission in held else "" for held in holders.values()))
        for permission in Permission
    ]
    return (
        "# Permissions\n\nWhat each role, the operator of the machine, and the worker may do. Everything else is refused.\n\n"
        + _table(("Permission", *holders), rows)
    )


def events_page() -> str:
    """Return docs/events.md: every kind of audit event with its fields."""
    for room in ("organizations", "vault", "integrations", "extraction"):
        import_module(f"fanlight.{room}.types")
    from dataclasses import fields

    from fanlight.audit.types import declared_events

    rows = [
        (f"`{kind}`", ", ".join(f"`{one.name}`" for one in fields(event)))
        for kind, event in declared_events().items()
    ]
    return (
        "# Audit events\n\nEach is recorded in the transaction of the act itself, numbered without a gap within its "
        "organization.\n\n" + _table(("Kind", "Details"), rows)
    )


def statements_page() -> str:
    """Return docs/statements-postgres.md: everything that can ever be sent to a PostgreSQL source."""
    from fanlight.connectors.registry import connector

    lists = connector("postgres").statements()
    parts = ["# Statements of the PostgreSQL connector\n\nNothing else is ever sent to such a source.\n"]
    for title, entries in (
        ("The catalogue's", lists.catalogue),
        ("The session's", lists.session),
        ("What the driver itself sends", lists.driver),
    ):
        parts.append(f"\n## {title}\n")
        for one in entries:
            purpose = "\n".join(line.removeprefix("--").strip() for line in one.purpose.splitlines())
            parts.append(
                f"\n### {one.name}\n\n{purpose}\n\nSHA-256 `{one.digest}`\n\n```sql\n{one.sql.strip()}\n```\n"
            )
    return "".join(parts)


def promises_page() -> str:
    """Return docs/promises.md: the policy, and what proves and attacks each promise."""
    from fanlight.trust.controls import controls
    from fanlight.trust.policy import promises

    parts = [
        (
            "# Promises\n\nThe security policy, made from `src/fanlight/trust/policies/promises.toml`. A promise without "
            "a control is not claimed. `fanlight promises` tries every control now; `/promises` and "
            "`/.well-known/promises.json` show what the latest tries found.\n\n"
            "To look for canaries in a source of your own, give a row a value that begins with `flrow_`, and a view or "
            "a default a literal that begins with `flliteral_`. Should either ever rest in the catalogue, W3 or D3 "
            "turns red.\n\n"
        )
    ]
    rows = []
    for one in promises():
        control = controls().get(one.id)
        rows.append((one.id, one.sentence, one.limit, control.zone.value if control else "", one.not_claimed))
    parts.append(_table(("", "Promise", "Limit", "Tried by", "Not claimed"), rows))
    for one in promises():
        control = controls().get(one.id)
        tests = ", ".join(f"`{test}`" for test in one.tests) or "none"
        parts.append(
            f"\n## {one.id}: {one.sentence}\n\nOwner: {one.owner}. Review due by {one.review_by}. "
            f"Criteria: {', '.join(one.criteria)}. Attacked by: {tests}.\n"
        )
        if control is None:
            parts.append(f"\n{one.not_claimed}\n")
            continue
        parts.append(f"\nTried by the {control.zone}, `trust/controls/{one.control}.py`: {control.how}\n")
        parts.append(
            "\nWhat turns it red:\n\n" + "".join(f"- {said}\n" for said in control.findings.values())
        )
    return "".join(parts)


def privileges_page() -> str:
    """Return docs/privileges.md: what each kind of credential could do, as the tests saw it on real servers."""
    import json

    sys.path.insert(0, str(DOCS.parent))
    from tests.connectors.credentials import CREDENTIALS

    seen = json.loads((DOCS.parent / "tests/connectors/credentials.results.json").read_text("utf-8"))
    rows = []
    for credential in CREDENTIALS:
        answers = seen[credential.name]
        sentences = dict.fromkeys(answer["sentence"] for answer in answers.values())
        beyond = dict.fromkeys(str(answer["beyond reading"]) for answer in answers.values())
        by_hand = ", ".join(sorted(credential.by_hand)) or ("nothing" if set(beyond) != {"0"} else "")
        rows.append((credential.title, " / ".join(sentences), " / ".join(beyond), by_hand))
    head = ("Given to the role", "What Fanlight says of it", "Rights beyond reading", "Left to a person")
    versions = " and ".join(sorted({version for answers in seen.values() for version in answers}))
    return (
        "# What a credential could do\n\n"
        "At each test of a connection and at each run, Fanlight asks the source's catalogue what the credential could "
        "do there, whether or not anybody ever does it, and says it in one sentence. Rights come in three levels: "
        "*beyond reading*, *rows of data*, and *every role's by default*. A script takes away the first.\n\n"
        f"The table is what PostgreSQL {versions} answered in `tests/connectors/test_privileges.py`. There each right "
        "is compared with the server's own `has_…_privilege` for each role that the credential really became, and "
        "nothing else may be listed; the credential then really does what the probe says, or is refused; and the "
        "script is run with psql, for names as bad as PostgreSQL allows, after which nothing beyond reading is left "
        "but what the last column names.\n\n" + _table(head, rows) + _PRIVILEGE_NOTES
    )


_PRIVILEGE_NOTES = """
## How it counts

- The rights of every role count that the credential has, inherits from, may become (`SET ROLE`) or may grant to
  itself (`ADMIN OPTION`), and those of every role (`PUBLIC`). They are taken together.
- What PostgreSQL itself grants to every role is *every role's by default*: `TEMPORARY`, writing large objects,
  messages into the write-ahead log, and functions with their owner's rights (`SECURITY DEFINER`) in schemas that the
  credential may enter. `fanlight permissions postgres --hardening` prints what could be taken from every role.
- What somebody granted to every role is not: INSERT on a table for `PUBLIC` is beyond reading, and so is CREATE on
  the schema `public`, which PostgreSQL gave to every role until version 14: what one leaves there, others may run.
- An attribute, a membership or an ownership is listed once, and not again for every table that it opens: those are
  in the numbers of the sentence. `OWNER` stands for every right.
- Only the databases of the integration are looked at. PostgreSQL lets every role connect to every database of a server
  unless CONNECT was taken from `PUBLIC`, and what it may do there shows only there.
- CREATEROLE stands for what it could make of itself. Before PostgreSQL 16 that is nearly everything.
- A table in a schema that may not be entered cannot be read; rights on it are listed all the same, for one GRANT of
  the schema would open it.
- The system's own tables and functions count where more was granted than PostgreSQL or an extension grants itself.
- Plain functions, which do nothing that their caller could not, do not count; nor do languages, whose use creates
  nothing by itself, and types, but for ownership.
- At most 1,000 rights are listed for each kind. The numbers, and the digest that tells a change, are of all.
- What a hardened server hides is reported as not found out, never as none.
"""


def evasions_page() -> str:
    """Return docs/evasions.md: every evasion against each lock, as the tests last saw it."""
    import trials

    return trials.evasions_page(_table)


def hostile_page() -> str:
    """Return docs/hostile-sources.md: every lie of a source, and what the user sees of it."""
    import trials

    return trials.hostile_page(_table)


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "tables.md": tables_page,
    "permissions.md": permissions_page,
    "events.md": events_page,
    "statements-postgres.md": statements_page,
    "promises.md": promises_page,
    "privileges.md": privileges_page,
    "evasions.md": evasions_page,
    "hostile-sources.md": hostile_page,
}


def main() -> None:
    """Write the pages, or tell which are out of date and exit with 1."""
    os.environ.setdefault("FANLIGHT_HOME", tempfile.gettempdir())
    os.environ["DJANGO_SETTINGS_MODULE"] = "fanlight.config.settings"
    import django

    django.setup()
    import digests

    stale = digests.refresh(is_written="--write" in sys.argv)
    for name, make in PAGES.items():
        text = MADE + make().rstrip() + "\n"
        path = DOCS / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--write" in sys.argv:
            path.write_text(text, "utf-8")
            print(f"docs: wrote {name}")
    if stale and "--write" not in sys.argv:
        print(f"docs: out of date: {', '.join(stale)}; run `make docs`")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
