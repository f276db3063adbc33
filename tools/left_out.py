"""List the tests that were left out, and why, from pytest's reports. usage: left_out.py REPORT.xml ..."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET  # our own pytest's report


def main() -> None:
    """Print one line per reason, with how many tests it cost."""
    reasons: dict[str, int] = {}
    for report in sys.argv[1:]:
        for skipped in ET.parse(report).iter("skipped"):  # noqa: S314
            reason = skipped.get("message", "no reason given")
            reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        print(f"{count} x {reason}")


if __name__ == "__main__":
    main()
