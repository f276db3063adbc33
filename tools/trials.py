"""Pages of docs/ that show what tests found out: rendered from the results that the tests compare with each time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "tests" / "connectors"
Table = Callable[[tuple[str, ...], list[tuple[str, ...]]], str]

_KINDS = {"write": "Writing", "read": "Reading what is not metadata", "disturb": "Disturbing"}
_EVASIONS_HEAD = """\
# Evasions of the PostgreSQL connector's locks

{count} ways to make the connector write, read what is not metadata, or disturb a source; each was really tried against
each of the three locks by itself (`tests/connectors/test_evasions.py`). The first two say no before the driver sees the
text. The third is the session at the source: for it the other two were left out, and the texts were sent over the very
session that the connector opens, on PostgreSQL 15 and 18, with the credential of a superuser, of an owner of everything
in the database, and of a role that may read all tables. What had changed was then looked at over another connection.

A code is the server's answer (`25006`: not in a read-only transaction, `42501`: not with this role), *nothing* means that
it was let through and did nothing, *driver* that the driver would not send it. **NOT** means that this lock alone did not
stop it.

{sums}
"""


def _load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.results.json").read_text("utf-8"))
    return found


def evasions_page(table: Table) -> str:
    """Return the matrix of evasions and locks. table: makes a Markdown table of a head and rows."""
    results = _load("evasions")
    before = results.pop("before the driver")
    sums = []
    sections = []
    for kind, title in _KINDS.items():
        names = [name for name, one in before.items() if one["kind"] == kind]
        rows = [_row(name, before[name], results) for name in names]
        by_two = sum(bool(before[name]["closed_list"] and before[name]["syntax"]) for name in names)
        by_all = sum(
            all(how != "NOT" for part in results.values() for how in part[name].values()) for name in names
        )
        sums.append(
            f"- {title}: {len(names)}. The list stops {sum(bool(before[name]['closed_list']) for name in names)}, the "
            f"reader of syntax {sum(bool(before[name]['syntax']) for name in names)}, both {by_two}; the session alone, "
            f"whatever the credential, {by_all}."
        )
        head = ("Evasion", "What is sent", "What it would do", "List", "Syntax", *results)
        sections.append(f"\n## {title}\n\n" + table(head, rows))
    return _EVASIONS_HEAD.format(count=len(before), sums="\n".join(sums)) + "".join(sections)


def _row(name: str, one: dict[str, Any], results: dict[str, dict[str, dict[str, str]]]) -> tuple[str, ...]:
    session = [
        ", ".join(f"{role} {'**NOT**' if how == 'NOT' else how}" for role, how in part[name].items())
        for part in results.values()
    ]
    return (
        name,
        "; then ".join(f"`` {_visible(step)} ``" for step in one["steps"]),
        one["effect"],
        "stopped" if one["closed_list"] else "**NOT**",
        f"stopped: {one['syntax']}" if one["syntax"] else "**NOT**",
        *session,
    )


def _visible(text: str) -> str:
    return "".join(
        char if char == " " or (char.isascii() and char.isprintable()) else ascii(char)[1:-1] for char in text
    )
