"""Bringing what a source holds into the catalogue: arrival by COPY, then a merge by digest in one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from fanlight.catalog.types import Changes, Removal, Span
from fanlight.connectors.types import Asset, Unlisted
from fanlight.core.errors import Conflict, SourceFailure
from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId, join_path
from fanlight.foundation import clock, database
from fanlight.tenancy import services as tenancy
from fanlight.tenancy.services import Beside

DIGEST_BYTES = 16
_NOBODY = UUID(int=0)
_REMEMBERED = timedelta(days=1)  # removals of the last day count along, or many small ones would never ask
MANY = 500  # assets of a run that are compared with what is stored by whole tables
MOST_BYTES = 16_000_000  # of one asset's facts and columns: a page has to show them
MOST_NOTED = 10_000  # lines of one run: a source that changes altogether at each run must not fill the disk
MOST_KEPT = 250_000  # lines of one integration; the oldest go
MOST_SAID = 1_000  # characters of a value before or after; of a longer one its length and digest
_ID, _FACTS = 4, 13  # where a row of _COPY has them
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_COPY = (
    "COPY catalog_arrival (organization_id, lease, integration_id, locator, id, kind, parent, name, comment, "
    "digest, not_seen, row_estimate, size_bytes, facts, columns, column_ids, column_count) FROM STDIN"
)

Follower = Callable[[OrganizationId, IntegrationId, RunId, Sequence[Span]], None]
LossFollower = Callable[[OrganizationId, IntegrationId | None], None]
Companion = Callable[[OrganizationId, IntegrationId, UUID], Beside[Span]]
_followers: list[Follower] = []
_loss_followers: list[LossFollower] = []
_companions: list[Companion] = []


def follow_merges(follower: Follower) -> Follower:
    """Have a function called in the transaction of each merge, after it: how search keeps in step.

    Its last argument are the spans of which the companions have seen to the new assets.
    """
    if follower not in _followers:
        _followers.append(follower)
    return follower


def accompany_arrivals(companion: Companion) -> Companion:
    """Have a function called for each attempt, to see to new assets as soon as they have arrived.

    It is given the lease that they arrive under, and returns a transaction that is told the span of each batch with
    many of them, and commits right before the merge does, or never. What it writes must be nothing to anybody as long
    as the asset is not there, and what it did not write is the followers' to do.
    """
    if companion not in _companions:
        _companions.append(companion)
    return companion


def follow_losses(follower: LossFollower) -> LossFollower:
    """Have a function called where assets are no more that no key spoke of, to remove what was derived from them.

    In the transaction of each erasure, after it; and, with the integration, where a merge has failed or may have failed
    that a companion was ahead of.
    """
    if follower not in _loss_followers:
        _loss_followers.append(follower)
    return follower


@dataclass(slots=True)
class Arrivals:
    """An attempt's way into the catalogue, under its lease.

    known: digests of what is stored already and need not be sent again. count: how many assets were sent;
    differing: those of them that are not stored like that, with those that did not arrive.
    unlisted: what could not even be listed, of which nothing is confirmed gone. beside: what sees to new ones already,
    by the spans.
    """

    organization_id: OrganizationId
    integration_id: IntegrationId
    run_id: RunId
    lease: UUID
    known: frozenset[bytes]
    count: int = field(default=0)
    differing: int = field(default=0)
    unlisted: list[Unlisted] = field(default_factory=list)
    approved_run_id: RunId | None = None
    beside: list[Beside[Span]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


def open_arrivals(
    *,
    organization_id: OrganizationId,
    integration_id: IntegrationId,
    run_id: RunId,
    lease: UUID,
    is_another: bool = False,
) -> Arrivals:
    """Begin an attempt's arrivals; what killed or overtaken attempts have left behind is removed first.

    is_another: whether an attempt before this one has died over the run.
    """
    with tenancy.scope(organization_id):
        left = database.execute(
            "catalog",
            "discard_leftovers",
            {"organization_id": organization_id, "integration_id": integration_id, "lease": lease},
        )
        if left or is_another:
            _follow_losses(organization_id, integration_id)
        digests = database.rows(
            "catalog", "known_digests", {"organization_id": organization_id, "integration_id": integration_id}
        )
    arrivals = Arrivals(
        organization_id, integration_id, run_id, lease, frozenset(bytes(row[0]) for row in digests)
    )
    arrivals.beside = [begin(organization_id, integration_id, lease) for begin in _companions]
    return arrivals


def arrive(arrivals: Arrivals, assets: list[Asset]) -> None:
    """Send a batch of assets to the arrival table, in a transaction of its own."""
    ids = clock.many_uuid7()
    span: list[str] = []
    with (
        tenancy.scope(arrivals.organization_id),
        connection.cursor() as cursor,
        cursor.copy(_COPY) as copy,
    ):
        for asset in assets:
            row = _row(arrivals, asset, ids)
            if row[_FACTS] is not None:
                span.append(row[_ID])
            copy.write_row(row)
    arrivals.count += len(assets)
    arrivals.differing += len(span)
    if len(span) > MANY:
        arrivals.spans.append(Span(span[0], span[-1]))
        for one in arrivals.beside:
            one.put(arrivals.spans[-1])


def withdraw(arrivals: Arrivals, path: tuple[str, ...]) -> None:
    """Remove what has arrived below a path, since the reading of it broke off in the middle."""
    _abandon_beside(arrivals)
    with tenancy.scope(arrivals.organization_id):
        arrivals.count -= database.execute(
            "catalog",
            "withdraw_arrivals",
            {
                "organization_id": arrivals.organization_id,
                "lease": arrivals.lease,
                "locator": join_path(*path),
            },
        )


def _row(arrivals: Arrivals, asset: Asset, ids: Any) -> tuple[Any, ...]:
    locator = join_path(*asset.path)
    try:
        facts, columns = _json(asset.facts), _json(asset.columns)
    except (ValueError, TypeError, RecursionError):
        raise SourceFailure(
            code="source.implausible",
            detail=f"What came of one {asset.kind} cannot be stored.",
            remedy="Nothing of this run was kept. Check that the address is that of the server itself.",
        ) from None
    if len(facts) + len(columns) > MOST_BYTES:
        raise SourceFailure(
            code="source.implausible",
            detail=f"One {asset.kind} came with {len(facts) + len(columns):,} bytes of facts and columns.",
            remedy=f"More than {MOST_BYTES:,} are not stored. Nothing of this run was kept.",
        )
    comment = asset.comment.replace("\x00", "\ufffd") if asset.comment else None
    # With what was not seen, so that an asset that becomes whole again differs even where nothing else does.
    digest = _digest(asset.kind, locator, comment, facts, columns, asset.not_seen)
    is_known = not asset.not_seen and digest in arrivals.known
    return (
        arrivals.organization_id,
        arrivals.lease,
        arrivals.integration_id,
        locator,
        next(ids),
        asset.kind.value,
        join_path(*asset.path[:-1]) if len(asset.path) > 1 else "",
        asset.path[-1],
        comment,
        digest,
        asset.not_seen,
        asset.row_estimate,
        asset.size_bytes,
        None if is_known else facts.decode(),
        None if is_known else columns.decode(),
        None if is_known else _json([next(ids) for _ in asset.columns]).decode(),
        len(asset.columns),
    )


def _json(value: Any) -> bytes:
    text = orjson.dumps(value)
    # PostgreSQL's text holds no NUL, and a source that sends one is not to stop the run.
    # An escape only behind an even number of backslashes: a text that spells one out is left alone.
    return _NUL.sub("\\1\ufffd".encode(), text) if b"\\u0000" in text else text


def _digest(*parts: str | bytes | None) -> bytes:
    # Parts are told apart by their lengths, so that no two assets can be spelled alike.
    spelled = bytearray()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        spelled += b"-:" if data is None else b"%d:" % len(data)
        spelled += data or b""
    return blake2b(spelled, digest_size=DIGEST_BYTES).digest()


def propose(arrivals: Arrivals, *, approved_run_id: RunId | None, now: datetime) -> Removal:
    """Note what has not arrived and so would be removed, and tell how much of the source that is.

    approved_run_id: a run whose proposals a person has approved; those do not count. now: UTC. What could not be listed
    is not proposed. Call inside the organization's scope, before `merge`, in its transaction. Raises Conflict
    when not all of what arrived has stayed.
    """
    _refuse_a_part(arrivals)
    arrivals.approved_run_id = approved_run_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT fanlight_analyze_arrival()")
    values = _values(arrivals) | {"since": now - _REMEMBERED}
    database.execute("catalog", "forget_departures", values)
    database.execute("catalog", "propose_departures", values)
    removed, present, is_much = database.rows("catalog", "count_departures", values)[0]
    arrivals.differing += removed
    return Removal(count=removed, present=present, is_much=is_much)


def merge(arrivals: Arrivals, *, now: datetime) -> Changes:
    """Compare what has arrived with what is stored, and make the difference. All of it or nothing.

    Call inside the organization's scope, after `propose`, in the transaction that also ends the run. What was proposed
    is marked as gone.
    """
    for one in arrivals.beside:
        one.finish()
    values = _values(arrivals) | {"now": now}

    def step(name: str) -> int:
        return database.execute("catalog", name, values)

    with database.joining_whole(arrivals.count > MANY):
        if arrivals.differing:
            _note(values)
        gone = step("mark_gone_assets")
        step("forget_departures_of_run")
        changed = step("update_changed_assets")
        step("flag_not_seen")
        if arrivals.unlisted:
            step("flag_unlisted")
        added = step("insert_new_assets")
        columns_added = step("insert_columns_of_new_assets") if added else 0
        columns_changed = columns_gone = 0
        if changed:
            columns_changed = step("update_changed_columns")
            columns_added += step("insert_columns_of_changed_assets")
            columns_gone = step("mark_gone_columns")
        estimates = step("update_estimates") + step("insert_estimates")
    ahead = [one.commit() for one in arrivals.beside]  # each of them, also where one has failed
    for follower in _followers:
        follower(
            arrivals.organization_id,
            arrivals.integration_id,
            arrivals.run_id,
            arrivals.spans if all(ahead) else (),
        )
    _discard(arrivals)
    return Changes(
        added=added,
        changed=changed,
        gone=gone,
        unchanged=arrivals.count - added - changed,
        columns_added=columns_added,
        columns_changed=columns_changed,
        columns_gone=columns_gone,
        estimates=estimates,
    )


def _note(values: dict[str, Any]) -> None:
    # Before anything is written: afterwards nobody knows what it was.
    if database.execute("catalog", "note_first", values):
        return
    limits = {"most_lines": MOST_NOTED, "most_characters": MOST_SAID}
    if database.execute("catalog", "note_changes", values | limits):
        database.execute("catalog", "thin_changes", values | {"most_lines": MOST_KEPT})


def _values(arrivals: Arrivals) -> dict[str, Any]:
    # A line for each kind that was not listed below a path; '' stands for every kind.
    unlisted = [
        (join_path(*one.path), kind, one.reason)
        for one in arrivals.unlisted
        for kind in ([kind.value for kind in one.kinds] or [""])
    ]
    return {
        "organization_id": arrivals.organization_id,
        "integration_id": arrivals.integration_id,
        "run_id": arrivals.run_id,
        "lease": arrivals.lease,
        "approved_run_id": arrivals.approved_run_id,
        "unlisted_locators": [one[0] for one in unlisted],
        "unlisted_kinds": [one[1] for one in unlisted],
        "unlisted_reasons": [one[2] for one in unlisted],
    }


def _refuse_a_part(arrivals: Arrivals) -> None:
    values = {"organization_id": arrivals.organization_id, "lease": arrivals.lease}
    arrived = database.rows("catalog", "count_arrivals", values)[0][0]
    if arrived != arrivals.count:
        # Marking as gone what is missing here would empty the catalogue.
        raise Conflict(
            code="run.arrivals_lost",
            detail=f"{arrived:,} of {arrivals.count:,} assets that were read are still there to be stored.",
            remedy="Nothing was changed. Run the extraction again.",
        )


def forget_arrivals(organization_id: OrganizationId, integration_id: IntegrationId) -> None:
    """Remove what killed attempts at an integration have left behind. Call inside the organization's scope."""
    database.execute(
        "catalog",
        "discard_leftovers",
        {"organization_id": organization_id, "integration_id": integration_id, "lease": _NOBODY},
    )


def finish_erasure(organization_id: OrganizationId) -> None:
    """Let go what was derived from assets that are erased. Call after they are, in the same scope and transaction."""
    _follow_losses(organization_id, None)


def discard(arrivals: Arrivals) -> None:
    """Remove what has arrived and will not be merged. Call inside the organization's scope, outside a merge."""
    _abandon_beside(arrivals)
    _discard(arrivals)
    if any(one.is_committed for one in arrivals.beside):
        _follow_losses(arrivals.organization_id, arrivals.integration_id)


def _abandon_beside(arrivals: Arrivals) -> None:
    for one in arrivals.beside:
        one.abandon()


def canceller(arrivals: Arrivals) -> Callable[[], None]:
    """Return a function that cancels, from another thread, the statements of a merge and of what goes on beside it."""
    own = database.canceller()

    def cancel() -> None:
        own()
        for one in arrivals.beside:
            one.cancel()

    return cancel


def _discard(arrivals: Arrivals) -> None:
    database.execute(
        "catalog",
        "discard_arrivals",
        {"organization_id": arrivals.organization_id, "lease": arrivals.lease},
    )


def _follow_losses(organization_id: OrganizationId, integration_id: IntegrationId | None) -> None:
    for follower in _loss_followers:
        follower(organization_id, integration_id)
