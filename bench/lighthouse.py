"""What Lighthouse says of the pages that people see most, signed in, and what a first visit brings over the wire.

usage: python -m bench.lighthouse [--beside FILE]
Starts `fanlight demo` (or takes a running one: what its `--json` line said), and drives Debian's Chromium. Exit 1 when
a page has fewer than 95 points for performance, accessibility or best practices, or brings more than 150 kB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.pages import QUERY, Visitor
from tests.journeys.demo import CHROMIUM, Demo, started
from tests.journeys.npm import installed

LEAST_POINTS, MOST_BYTES = 95, 150_000
CATEGORIES = ("performance", "accessibility", "best-practices")
FLAGS = "--headless=new --no-sandbox --ignore-certificate-errors --disable-gpu"


def look(url: str, cookies: str, form_factor: str) -> dict[str, Any]:
    """Return Lighthouse's report on a page. form_factor: 'mobile' (slow, as Lighthouse throttles it) or 'desktop'."""
    program = installed("lighthouse") / ".bin" / "lighthouse"
    preset = ["--preset=desktop"] if form_factor == "desktop" else []
    with tempfile.TemporaryDirectory() as folder:
        headers = Path(folder) / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookies}))
        done = subprocess.run(
            [
                str(program),
                url,
                "--quiet",
                "--output=json",
                f"--only-categories={','.join(CATEGORIES)}",
                f"--extra-headers={headers}",
                f"--chrome-flags={FLAGS}",
                *preset,
            ],
            env={**os.environ, "CHROME_PATH": CHROMIUM or ""},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"lighthouse ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def measure(demo: Demo) -> bool:
    """Print the table and what cost points; tell whether all is within the limits."""
    with demo.connect("catalogue", "fanlight") as session:
        (table, _) = session.execute(QUERY).fetchone() or ("", 0)
    visitor = Visitor(demo.url, demo.home / "tls" / "authority.crt")
    visitor.sign_in(demo.verb("sign-in", "alice@harbour.example", "--organization", "Harbour Goods"))
    pages = {
        "home": "/",
        "search": "/search/?q=customer",
        "table": f"/assets/{table}/",
        "integrations": "/integrations/",
    }
    is_good, lost = True, []
    print("| page | as | performance | accessibility | best practices | kB of a first visit | requests |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name, path in pages.items():
        for form_factor in ("mobile", "desktop"):
            report = look(demo.url + path, visitor.cookies, form_factor)
            points = [round(report["categories"][one]["score"] * 100) for one in CATEGORIES]
            requests = report["audits"]["network-requests"]["details"]["items"]
            size = sum(one["transferSize"] for one in requests)
            is_good = is_good and min(points) >= LEAST_POINTS and size <= MOST_BYTES
            figures = " | ".join(map(str, points))
            print(
                f"| {name} | {form_factor} | {figures} | {size / 1000:.0f} | {len(requests)} |",
                flush=True,
            )
            lost += [f"{name}, {form_factor}: {said}" for said in _lost(report) if min(points) < LEAST_POINTS]
    print("\n".join(["", *lost]))
    return is_good


def _lost(report: dict[str, Any]) -> list[str]:
    counted = {
        one["id"] for name in CATEGORIES for one in report["categories"][name]["auditRefs"] if one["weight"]
    }
    audits = [report["audits"][ident] for ident in counted]
    return [f"{one['title']} ({one.get('displayValue', '')})" for one in audits if (one["score"] or 0) < 1]


def main() -> None:
    """Look."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--beside", type=Path)
    asked = parser.parse_args()
    if asked.beside:
        said = json.loads(asked.beside.read_text())
        sys.exit(not measure(Demo(said["url"], said["sign_in"], Path(said["home"]))))
    with (
        tempfile.TemporaryDirectory(prefix="fanlight-lighthouse-") as folder,
        started(Path(folder) / "home") as demo,
    ):
        is_good = measure(demo)
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
