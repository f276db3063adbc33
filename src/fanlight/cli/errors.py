"""The one place where errors become text on a terminal and an exit code.

0: done. 1: a finding (nothing found, refused, not now). 2: wrong use. 3: something outside, or a defect of ours.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from fanlight.cli.terminal import printable
from fanlight.core.errors import FanlightError, OutsideFailure, WrongUse

INTERRUPTED = 130
OUTSIDE = 3
_URL_SECRET = re.compile(r"(://[^\s/:@]*):\S*@")


def run_and_explain(command: Callable[[], int]) -> NoReturn:
    """Run a command and exit with its code; whatever it raises becomes a sentence, a remedy and a code."""
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        # A terminal of a narrow encoding must not turn a name into a traceback.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        code = command()
        sys.stdout.flush()
    except FanlightError as error:
        explain(error)
        code = error.exit_code
    except KeyboardInterrupt:
        print("\nfanlight: Interrupted.", file=sys.stderr)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has had enough (`fanlight show X | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    except Exception as error:
        unexpected = _unexpected(error)
        explain(unexpected)
        code = unexpected.exit_code
    raise SystemExit(code)


def explain(error: FanlightError) -> None:
    """Print an error to standard error: what happened, what to do next, and its code."""
    print(f"fanlight: {printable(error.detail, keeps_lines=True)}", file=sys.stderr)
    if error.remedy:
        print(f"          {printable(error.remedy, keeps_lines=True)}", file=sys.stderr)
    print(f"          ({error.code})", file=sys.stderr)


def wrong_use(message: str, verb: str) -> WrongUse:
    """Return what the argument parser complains of as one of our errors. message: may repeat an argument."""
    said = _URL_SECRET.sub(r"\1:(password)@", message).strip().rstrip(".")
    return WrongUse(code="usage.wrong", detail=f"{said}.", remedy=f"'{verb} --help' lists what it takes.")


def _unexpected(error: Exception) -> FanlightError:
    # The text of an unexpected error may hold anything, a secret included; only its kind is told.
    if os.environ.get("FANLIGHT_TRACEBACK"):
        traceback.print_exception(error)
    kind = type(error).__name__
    details = "Set FANLIGHT_TRACEBACK=1 to see the details, which may hold names and values."
    database = sys.modules.get("django.db")
    if database is not None and isinstance(error, database.DatabaseError | database.InterfaceError):
        return OutsideFailure(
            code="database.failed",
            detail=f"The catalogue's own database broke off or refused ({kind}).",
            remedy=f"'fanlight doctor' looks at it. {details}",
        )
    if isinstance(error, OSError) and error.strerror:
        where = f" {error.filename}" if isinstance(error.filename, str) else ""
        return OutsideFailure(
            code="system.refused",
            detail=f"The operating system refused{where}: {error.strerror}.",
            remedy=f"Check its owner, mode and disk, then run the same command again. {details}",
        )
    return OutsideFailure(
        code="internal.unexpected",
        detail=f"Something unexpected happened ({kind}); this is a defect of Fanlight.",
        remedy=f"{details} Please report it.",
    )


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    # What Ctrl-C does: a verb that is told to end ends its run properly instead of falling silent.
    raise KeyboardInterrupt
