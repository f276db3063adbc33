"""The one place where errors become text on a terminal and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable

from fanlight.core.errors import FanlightError

INTERRUPTED = 130


def run_and_explain(command: Callable[[], None]) -> None:
    """Run a command; on a FanlightError say what happened and what to do, and exit with its code."""
    try:
        command()
    except FanlightError as error:
        explain(error)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader of our output has had enough (`fanlight show X | head`).
        sys.stderr.close()
        raise SystemExit(0) from None


def explain(error: FanlightError) -> None:
    """Print an error to standard error: what happened, what to do next, and its code."""
    print(f"fanlight: {error.detail}", file=sys.stderr)
    if error.remedy:
        print(f"          {error.remedy}", file=sys.stderr)
    print(f"          ({error.code})", file=sys.stderr)
