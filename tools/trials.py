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


_HOSTILE_HEAD = """\
# Hostile sources

{count} ways in which a source may lie, break off or never end, and what the user sees of a run of it
(`tests/connectors/test_hostile.py`). A server that speaks PostgreSQL's protocol replays what a real one answered, and
changes it; the whole way of a run is taken, from the request to the pages. {refused} of them end the run with a clear error:
what an earlier run stored stays as it was. The other {shown} can be read, and the pages that show them are searched for
whatever could do harm there. After all of them an honest run finds nothing changed.

Besides, the tests measure the memory of a process that reads the heaviest of them, cut a connection to a real server at
places chosen by chance, hand an answer over in pieces of a few bytes, and run another organization's extraction while a
source never ends.

## The run ends with an error

"""


def hostile_page(table: Table) -> str:
    """Return the table of hostile sources. table: makes a Markdown table of a head and rows."""
    found = _load("hostile")["lies"]
    refused = {name: one for name, one in found.items() if one["ends"] != "succeeds"}
    shown = {name: one for name, one in found.items() if name not in refused}
    return (
        _HOSTILE_HEAD.format(count=len(found), refused=len(refused), shown=len(shown))
        + table(
            ("Case", "What the source does", "What the user sees", "Code"),
            [
                (name, one["lie"], _visible(one["shown"].replace("<", "&lt;")), f"`{one['ends']}`")
                for name, one in refused.items()
            ],
        )
        + "\n## The run succeeds, and what it found does no harm\n\n"
        + table(
            ("Case", "What the source does", "What the user sees"),
            [(name, one["lie"], f"`` {_visible(one['shown'])} ``") for name, one in shown.items()],
        )
    )
