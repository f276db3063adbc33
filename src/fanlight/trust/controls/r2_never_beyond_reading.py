"""R2: rights beyond reading are never used. The list is what was built, its locks refuse, and the ledgers agree."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

import psycopg

from fanlight.connectors import registry
from fanlight.connectors.types import Connector
from fanlight.foundation import database
from fanlight.tenancy import queries as tenancy
from fanlight.tenancy import services as scopes
from fanlight.trust.types import Control, Findings, Occasion, Outcome, Zone

_OPENING = ("session_settings", "begin_read_only", "hold_read_only", "savepoint")
_BACK, _END = "rollback_to_savepoint", "rollback"
# The worker's role may do each of these to the catalogue's own database, or any role might: only the session refuses.
_WRITES = (
    (
        "INSERT INTO public.trust_result (promise, state, milliseconds, evidence, findings) "
        "VALUES ('R2', 'unknown', 0, '{}', '[]')"
    ),
    "DELETE FROM public.trust_result WHERE false",
    "UPDATE public.procrastinate_jobs SET priority = priority WHERE false",
    "DELETE FROM public.procrastinate_jobs WHERE false",
    "WITH gone AS (DELETE FROM public.trust_result WHERE false RETURNING id) SELECT count(*) FROM gone",
    "SELECT id FROM public.procrastinate_jobs FOR UPDATE",
    "SELECT nextval('public.trust_result_id_seq')",
    "CREATE TABLE public.written (id int)",
    "CREATE TEMPORARY TABLE written (id int)",
    "TRUNCATE public.trust_result",
    "COMMENT ON TABLE public.trust_result IS 'written'",
    "SET TRANSACTION READ WRITE",
    "COMMIT; DELETE FROM public.trust_result WHERE false",
)
_REFUSALS = frozenset({"25006", "25001", "42601"})  # read-only; too late; more than one statement


def check(occasion: Occasion) -> Outcome:
    """Try the locks with what would write, compare the files with what was built, and the ledgers with the list."""
    findings = Findings()
    counts = {"statements of the closed lists": 0, "attempts refused by each of two locks": 0}
    known: set[str] = set()
    for connector in registry.connectors():
        counts["statements of the closed lists"] += _compare_files(connector, findings, known)
        counts["attempts refused by each of two locks"] += _try_locks(connector, findings)
    counts["writes refused by a read-only session"] = _try_session(findings)
    sent = 0
    for one in tenancy.organizations():
        with scopes.scope(one.id):
            values = {"organization_id": one.id, "digests": sorted(known)}
            ((lines, foreign, run),) = database.rows("trust", "sent_statements", values)
        sent += lines
        if foreign:
            findings.add("ledger.foreign", times=foreign, organization=one.id, run=run, lines=foreign)
    counts["statements in ledgers"] = sent
    return Outcome(counts, findings, is_exercised=sent > 0)


def _compare_files(connector: Connector, findings: Findings, known: set[str]) -> int:
    differences = connector.list_differences()
    for code in ("added", "missing", "changed"):
        for name in getattr(differences, code):
            findings.add(f"list.{code}", connector=connector.name, statement=name)
    lists = connector.statements()
    sent = (*lists.catalogue, *lists.session)
    for one in sent:
        known.add(one.digest)
        if one.name not in differences.added and connector.try_locks(one.sql).syntax:
            findings.add("list.beyond_syntax", connector=connector.name, statement=one.name)
    # A statement that was put beside the list is not on it, and its digest proves nothing.
    known -= {one.digest for one in sent if one.name in (*differences.added, *differences.changed)}
    known |= connector.former_digests()
    return len(sent)


@cache
def _attempts() -> tuple[str, ...]:
    text = resources.files("fanlight.trust").joinpath("policies", "write_attempts.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["attempts"])


def _try_locks(connector: Connector, findings: Findings) -> int:
    refused = 0
    for number, attempt in enumerate(_attempts()):
        verdicts = connector.try_locks(attempt)
        if verdicts.closed_list and verdicts.syntax:
            refused += 1
        else:
            findings.add("lock.passed", connector=connector.name, attempt=number)
    return refused


def _try_session(findings: Findings) -> int:
    """Open a session on the catalogue's own server as the connector opens one at a source, and try to write."""
    lists = registry.connector("postgres").statements()
    texts = {one.name: one.sql for one in lists.session}
    refused = 0
    with database.another_session() as session:
        for name in _OPENING:
            _send(session, texts[name])
        for write in _WRITES:
            try:
                _send(session, write)
            except psycopg.Error as error:
                if error.sqlstate in _REFUSALS:
                    refused += 1
                else:
                    findings.add("session.other_refusal", write=write[:80], sqlstate=error.sqlstate)
            else:
                findings.add("session.written", write=write[:80])
            _send(session, texts[_BACK])
        _send(session, texts[_END])
    return refused


def _send(session: psycopg.Connection[Any], sql: str) -> None:
    # As the guard sends it: one message, which can hold one statement only.
    psycopg.RawCursor(session).execute(sql.encode(), (), binary=True)


CONTROL = Control(
    promise="R2",
    zone=Zone.WORKER,
    how="The files of the closed list are compared with what was built, texts that write are tried against both locks "
    "before the driver and against a session as it is opened at a source, and every line of every ledger must be on "
    "the list.",
    findings={
        "list.added": "A statement lies beside the closed list that was not built in.",
        "list.missing": "A statement of the closed list is missing.",
        "list.changed": "A statement of the closed list was changed after it was built.",
        "list.beyond_syntax": "A statement of the closed list would not pass the reader of syntax.",
        "lock.passed": "A text that writes, or reads rows, would pass one of the locks.",
        "session.written": "A session as it is opened at a source could write.",
        "session.other_refusal": "A write was refused, but not by the session.",
        "ledger.foreign": "A ledger has a statement that is on no closed list.",
    },
    check=check,
)
