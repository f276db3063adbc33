"""The entry point: light, so that whatever happens from the first import on is explained."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import gc

from fanlight.cli.errors import run_and_explain


def main() -> None:
    """Run the command line and exit."""
    run_and_explain(_run)


def _run() -> int:
    # A quarter of a second of imports, inside of what explains a failure. None of it is ever thrown away.
    gc.disable()
    from fanlight.cli import verbs

    return verbs.run()


if __name__ == "__main__":
    main()
