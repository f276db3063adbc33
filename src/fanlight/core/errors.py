"""Errors that help: a stable code, what happened to which thing, and what to do next.

Every error that a person may meet derives from FanlightError. One place turns them into HTTP answers
(`portal.errors`), one into command-line output (`cli.errors`). What a stranger may not know never goes
into `detail`: another organization's row is 'not found', like one that does not exist.
"""

from __future__ import annotations


class FanlightError(Exception):
    """Something went wrong that a person can understand and act upon.

    code: stable, dotted, machine-readable ('source.unreachable'). detail: one sentence, what happened to
    which thing. remedy: one sentence, what to do next. No secret and no literal of a source in any of them.
    """

    http_status = 500
    exit_code = 3

    def __init__(self, *, code: str, detail: str, remedy: str = "") -> None:
        super().__init__(f"{detail} {remedy}".strip())
        self.code = code
        self.detail = detail
        self.remedy = remedy


class WrongUse(FanlightError):
    """The request itself cannot be right; nothing was changed."""

    http_status = 400
    exit_code = 2


class Refused(FanlightError):
    """A rule forbids it for this actor; nothing was changed."""

    http_status = 403
    exit_code = 1


class NotFound(FanlightError):
    """There is no such thing here, or it belongs to somebody else: the two are not told apart."""

    http_status = 404
    exit_code = 1


class Conflict(FanlightError):
    """The thing is in a state that does not allow it now."""

    http_status = 409
    exit_code = 1


class OutsideFailure(FanlightError):
    """Something outside Fanlight failed: a source, the network, the disk, the database server."""

    http_status = 502
    exit_code = 3


class SourceFailure(OutsideFailure):
    """A source refused, broke off or answered what cannot be understood."""


class StatementRefused(FanlightError):
    """The guard between a connector and its driver refused a statement that is not on the closed list."""


class ServerFailure(OutsideFailure):
    """The embedded PostgreSQL server cannot be started, reached or trusted."""
