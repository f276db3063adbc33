"""What can be done with runs: ask for them, carry them out, stop them, and try a connection."""

from fanlight.extraction.lease import STALE_SECONDS
from fanlight.extraction.probing import probe, test_connection
from fanlight.extraction.running import NEXT_JOB, execute_run, request_run
from fanlight.extraction.stopping import (
    ERASE_JOB,
    approve_removal,
    cancel_run,
    delete_integration,
    end_stopped,
    erase_integration,
    pause_integration,
    resume_integration,
)
from fanlight.extraction.turns import execute_next, keep_turns

__all__ = [
    "ERASE_JOB",
    "NEXT_JOB",
    "STALE_SECONDS",
    "approve_removal",
    "cancel_run",
    "delete_integration",
    "end_stopped",
    "erase_integration",
    "execute_next",
    "execute_run",
    "keep_turns",
    "pause_integration",
    "probe",
    "request_run",
    "resume_integration",
    "test_connection",
]
