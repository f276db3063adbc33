"""Put a corpus into a catalogue the way every run does: lease, arrival, merge, search entries, end of the run.

Only the reading is another: where a session with a server would be, one gives the corpus. Each step is a process of its
own, with the database role that it has in the product:

    python bench/stocking.py organizations|integrations|runs --home DIR --entries N --others N
    python bench/stocking.py fresh --home DIR --name NAME
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corpus import Entry, entries
from fanlight.cli import local
from fanlight.connectors import registry
from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.types import Asset, AssetKind, NotSeen, Privileges, SourceReport, Unlisted
from fanlight.core.actors import Actor

BIG, FRESH, SEED = "Benchmark", "fresh", 1
OTHER_ENTRIES = 3000
_BATCH = 500
_USER = "nobody"


class CorpusSession:
    """Gives one database's entries as assets. It is no connection, and there is no server."""

    total: int | None = None

    def __init__(self, of: Sequence[Entry]) -> None:
        self.not_seen: list[NotSeen] = []
        self.unlisted: list[Unlisted] = []
        self._entries = of

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def report(self) -> SourceReport:
        """Say what it is."""
        return SourceReport("Corpus", _USER, (), is_encrypted=True)

    def privileges(self) -> Privileges:
        """There is no credential, so it could do nothing."""
        return Privileges("Cannot read data", 0, 0, (), 0, "")

    def cancel(self) -> None:
        """Nothing is running."""

    def read(self) -> Iterator[list[Asset]]:
        """Yield the assets in batches, as a source's session does."""
        batch: list[Asset] = []
        for asset in _assets(self._entries):
            if len(batch) == _BATCH:
                yield batch
                batch = []
            batch.append(asset)
        yield batch


def _assets(of: Sequence[Entry]) -> Iterator[Asset]:
    asset: Asset | None = None
    for one in of:
        if one.kind == "column" and asset is not None:
            asset.columns.append(
                [one.name, len(asset.columns) + 1, "text", True, None, one.comment or None, None]
            )
            continue
        if asset is not None:
            yield asset
        asset = Asset(AssetKind(one.kind), one.path[1:], one.comment or None)
    if asset is not None:
        yield asset


class CorpusConnector(PostgresConnector):
    """The connector of PostgreSQL, but for what it reads. databases_read: entries by database's name."""

    databases_read: dict[str, list[Entry]]

    def open(self, settings: Any, secret: Any, *, database: str, **_: Any) -> Any:
        """Give the session of one database."""
        return CorpusSession(self.databases_read[database])


_CORPUS = CorpusConnector()


def corpus_connector() -> CorpusConnector:
    """Return the connector that the registry gives for PostgreSQL's in this process."""
    return _CORPUS


def _corpora(given: argparse.Namespace) -> Iterator[tuple[str, Iterator[Entry]]]:
    """Give each organization's name with its entries."""
    yield BIG, entries(given.entries, SEED)
    for number in range(1, given.others + 1):
        yield f"Other {number}", entries(OTHER_ENTRIES, SEED + number)


def _integrations(corpus: Iterator[Entry]) -> Iterator[tuple[str, dict[str, list[Entry]]]]:
    for name, of_integration in groupby(corpus, key=lambda one: one.path[0]):
        yield (
            name,
            {database: list(part) for database, part in groupby(of_integration, key=lambda one: one.path[1])},
        )


def make_organizations(given: argparse.Namespace) -> None:
    """Make every organization with its key."""
    from django.conf import settings  # noqa: PLC0415 - the rooms load after the process has its role

    from fanlight.foundation import clock  # noqa: PLC0415
    from fanlight.organizations import services  # noqa: PLC0415
    from fanlight.tenancy import services as tenancy  # noqa: PLC0415
    from fanlight.vault import services as vault  # noqa: PLC0415

    root_key = vault.read_root_key(settings.FANLIGHT_ROOT_KEY)
    for name in (BIG, *(f"Other {number}" for number in range(1, given.others + 1))):
        email, now = f"{name.replace(' ', '').lower()}@localhost.example", clock.now()
        made = services.create_organization(name=name, admin_email=email, admin_name=name, now=now)
        with tenancy.scope(made):
            vault.make_organization_key(organization_id=made, root_key=root_key, now=now)


def make_integrations(given: argparse.Namespace) -> None:
    """Add every integration, and one more to the first organization, for what comes later."""
    from fanlight.foundation import clock  # noqa: PLC0415
    from fanlight.integrations import services  # noqa: PLC0415

    def add(actor: Actor, name: str, databases: Sequence[str]) -> None:
        chosen = {"host": "localhost", "user": _USER, "databases": ",".join(databases)}
        services.add_integration(
            actor=actor, name=name, connector="postgres", settings=chosen, secret="", now=clock.now()
        )

    for organization, corpus in _corpora(given):
        actor, _ = local.operator_of(organization)
        for name, databases in _integrations(corpus):
            add(actor, name, list(databases))
        if organization == BIG:
            add(actor, FRESH, [FRESH])


def _extract(organization: str, name: str, databases: dict[str, list[Entry]]) -> dict[str, Any]:
    """Carry a run out, from the request to its end, and return what it says of itself."""
    from django.conf import settings  # noqa: PLC0415

    from fanlight.extraction import services  # noqa: PLC0415
    from fanlight.foundation import clock  # noqa: PLC0415
    from fanlight.integrations import queries  # noqa: PLC0415
    from fanlight.vault import services as vault  # noqa: PLC0415

    _CORPUS.databases_read = databases
    registry._KINDS[_CORPUS.name] = registry._Kind(_CORPUS.title, __name__, corpus_connector.__name__)
    actor, _ = local.operator_of(organization)
    integration = queries.integration_named(actor, name)
    run_id = services.request_run(
        actor=actor, integration_id=integration.id, is_deferred=False, now=clock.now()
    )
    run = services.execute_run(
        organization_id=actor.organization_id,
        run_id=run_id,
        root_key=vault.read_root_key(settings.FANLIGHT_ROOT_KEY),
    )
    if run.state != "succeeded" or run.finished_at is None:
        raise SystemExit(f"A run of {name} ended as {run.state}: {run.error_code} {run.error_detail}")
    return {"phases": run.phases, "finished_at": run.finished_at.timestamp()}


def make_runs(given: argparse.Namespace) -> None:
    """Store everything, one run an integration; print what the first organization's cost."""
    started, phases = time.perf_counter(), dict[str, float]()
    for organization, corpus in _corpora(given):
        for name, databases in _integrations(corpus):
            for phase, spent in _extract(organization, name, databases)["phases"].items():
                if organization == BIG:
                    phases[phase] = phases.get(phase, 0) + spent
        if organization == BIG:
            seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "phases": phases}))


def make_fresh(given: argparse.Namespace) -> None:
    """Have a table of a new name found by a run; print when the run said that it was over."""
    names = ((FRESH,), (FRESH, FRESH), (FRESH, FRESH, "public"), (FRESH, FRESH, "public", given.name))
    kinds = ("database", "schema", "table")
    found = [Entry(kind, path, "") for kind, path in zip(kinds, names[1:], strict=True)]
    print(json.dumps(_extract(BIG, FRESH, {FRESH: found})))


_STEPS: dict[str, tuple[str, Callable[[argparse.Namespace], None]]] = {
    "organizations": ("worker", make_organizations),
    "integrations": ("portal", make_integrations),
    "runs": ("worker", make_runs),
    "fresh": ("worker", make_fresh),
}


def main() -> None:
    """Take one step, as the role that it has in the product."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=tuple(_STEPS))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--others", type=int, default=20)
    parser.add_argument("--name", default="")
    given = parser.parse_args()
    local.choose_home(given.home)
    role, step = _STEPS[given.step]
    with local.as_process(role, "bench", makes_home=True):
        step(given)


if __name__ == "__main__":
    main()
