"""Write what was measured into docs/performance.md, between the marks that stand there for it.

python bench/page.py extraction=build/bench/extract.json search=build/bench/search.json

A part is figures (.json) of `extract.py` or `search.py`, or a report as it is (.md). What the figures mean is written
by hand around the marks, and stays.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import report
import search_report

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_RENDERERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "extraction": report.markdown,
    "scale": report.markdown,
    "search": search_report.markdown,
}


def main() -> None:
    """Renew the parts that were given; the others stay as they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="+", metavar="PART=FILE")
    text = PAGE.read_text("utf-8")
    for given in parser.parse_args().parts:
        part, _, file = given.partition("=")
        text = renewed(text, part, rendered(part, Path(file)))
    PAGE.write_text(text, "utf-8")


def rendered(part: str, file: Path) -> str:
    """Return a part as Markdown, its headings below those of the page."""
    text = file.read_text("utf-8")
    if file.suffix == ".json":
        text = _RENDERERS[part](json.loads(text))
    return re.sub("^## ", "### ", text, flags=re.MULTILINE).strip()


def renewed(page: str, part: str, text: str) -> str:
    """Return the page with what stands between a part's marks replaced. Raises SystemExit where there are none."""
    begin, end = f"<!-- measured: {part} -->", f"<!-- end of {part} -->"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise SystemExit(f"{PAGE.name} has no marks for {part}: {begin} and {end}.")
    head, rest = page.split(begin)
    return f"{head}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}"


if __name__ == "__main__":
    main()
