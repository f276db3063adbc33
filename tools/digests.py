"""The digests of every statement that may be sent to a source, as they are built into the package.

Used by tools/docs.py, which writes or checks them together with the pages of docs/.
"""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "src/fanlight/connectors/postgres/statements/digests.toml"
HEAD = """\
# Made by tools/docs.py from the files beside this one; `make docs` writes it anew. SHA-256 of each statement's text
# without its head: the guard sends a statement only where this file has its digest.
"""


def digests_text() -> str:
    """Return what the file has to hold. Raises SystemExit naming a statement that the reader of syntax refuses."""
    from fanlight.connectors.postgres.closed_list import read_files
    from fanlight.connectors.postgres.syntax import objection

    lists, parts, refused = read_files(), [HEAD], []
    for title, entries in (("catalogue", lists.catalogue), ("session", lists.session)):
        parts.append(f"\n[{title}]\n")
        for one in entries:
            parts.append(f'{one.name} = "{one.digest}"\n')
            if reason := objection(one.sql):
                refused.append(
                    f"docs: {one.name}.sql would be refused by the guard: {reason} (see syntax.py)"
                )
    if refused:
        raise SystemExit("\n".join(refused))
    return "".join(parts)


def refresh(*, is_written: bool) -> list[str]:
    """Write the file where it is out of date, or only tell so. Returns its name where it was."""
    text = digests_text()
    if FILE.exists() and FILE.read_text("utf-8") == text:
        return []
    if is_written:
        FILE.write_text(text, "utf-8")
        print(f"docs: wrote {FILE.name}")
    return [FILE.name]
