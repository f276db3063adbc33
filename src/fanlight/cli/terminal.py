"""Text on its way to a terminal: what others wrote must not move the cursor, hide a line or pass for our own."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Joiners change how letters of several scripts look, and nothing else.
_HARMLESS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
_WIDE = 400


def printable(text: str, *, keeps_lines: bool = False) -> str:
    """Return text in which everything that is not to be seen is replaced: controls, escapes, reordering marks.

    keeps_lines: let line breaks and tabs stand, for text that has lines; else they become spaces.
    """
    if text.isprintable():
        return text
    return "".join(_shown(one, keeps_lines) for one in text)


def _shown(one: str, keeps_lines: bool) -> str:
    if one.isprintable() or one in _HARMLESS:
        return one
    if one in "\n\t":
        return one if keeps_lines else " "
    return " " if one.isspace() and ord(one) > 0x7F else REPLACEMENT  # noqa: PLR2004 - beyond ASCII: a kind of blank


def clipped(text: str | None, most: int) -> str:
    """Return the first line of a comment, at most that long, printable; '' for none."""
    first = printable((text or "").strip().partition("\n")[0].strip())
    return first if len(first) <= most else first[: most - 1].rstrip() + "…"


def say(text: str = "", *, keeps_lines: bool = False) -> None:
    """Print a result to standard output, printable."""
    print(printable(text, keeps_lines=keeps_lines))


def console() -> Console:
    """Return a console as wide as the terminal, or one that never wraps when a program reads."""
    from rich.console import Console  # a tenth of a second that JSON need not wait for

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDE
    return Console(width=width, highlight=False, soft_wrap=not sys.stdout.isatty())


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table without lines. right: the titles of columns that hold numbers."""
    from rich.table import Table
    from rich.text import Text

    if not sys.stdout.isatty():
        _print_plain(titles, rows)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(title, justify="right" if title in right else "left")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console().print(table)


def _print_plain(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    cells = [list(titles), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(titles))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
