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
FORMER = FILE.with_name("former.toml")
FORMER_HEAD = """\
# Made by tools/docs.py: the digests of statements that earlier versions sent and this one does not. None of them is ever
# sent; by them a ledger's old lines are told from forged ones.
digests = [
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
        _remember()
        FILE.write_text(text, "utf-8")
        print(f"docs: wrote {FILE.name}")
    return [FILE.name]


def _remember() -> None:
    """Add to the former digests what the file still has and the statements have not any more."""
    from fanlight.connectors.postgres.closed_list import read_digests, read_files, read_former

    lists = read_files()
    now = {one.digest for one in (*lists.catalogue, *lists.session)}
    known = sorted((read_former() | set(read_digests().values())) - now)
    FORMER.write_text(FORMER_HEAD + "".join(f'    "{digest}",\n' for digest in known) + "]\n", "utf-8")
