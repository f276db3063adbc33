"""What a connector takes and gives: plain data, and no row of a source anywhere in it.

An `Asset` is the only thing that a session yields. Its fields are names, types, keys, comments and text
from which literals were removed; there is no field that a row's value could travel in (promise W3).
"""

# Names said twice are handed on from the module beside this one.
# ruff: noqa: PLC0414
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Literal, NamedTuple, Protocol, Self

from fanlight.connectors.rights import Privileges as Privileges
from fanlight.connectors.rights import Right as Right
from fanlight.connectors.rights import RightLevel as RightLevel

Json = Any  # what json.dumps takes: None, bool, int, float, str, and lists and dicts of them


class Secret:
    """A credential on its way to a driver: not printable, not comparable, not picklable."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value. Call it only in the argument list of the driver's connect."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("a Secret is not to be pickled")


@dataclass(frozen=True, slots=True)
class SettingField:
    """One thing that a person must say about a source.

    kind: how the form shows it. choices: value and label, for kind 'choice'. A secret is never among the
    settings; it has its own way (`vault`).
    """

    name: str
    label: str
    help: str
    kind: Literal["text", "number", "choice", "longtext"] = "text"
    is_required: bool = True
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a closed list.

    name: its file's name without `.sql`. sql: exactly what goes over the wire, with $1, $2 for parameters.
    digest: SHA-256 of sql's UTF-8, hex. purpose: the head of its file, for the customer to read.
    """

    name: str
    sql: str
    digest: str
    purpose: str


@dataclass(frozen=True, slots=True)
class StatementLists:
    """Everything that can ever be sent to a source: the catalogue's, the session's and the driver's own."""

    catalogue: tuple[Statement, ...]
    session: tuple[Statement, ...]
    driver: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class LockVerdicts:
    """What the locks that need no source say of a text: why each refuses it, or nothing where it would let it through.

    closed_list: the first lock. syntax: the second. The third is the session at the source.
    """

    closed_list: str
    syntax: str

    @property
    def is_refused(self) -> bool:
        """Whether the text would be stopped before the driver sees it."""
        return bool(self.closed_list or self.syntax)


@dataclass(frozen=True, slots=True)
class ListDifferences:
    """How the files of a closed list differ from what was built: names of statements, sorted."""

    added: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether they are what was built."""
        return not (self.added or self.missing or self.changed)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One statement that was sent.

    source: the database it went to. started_at: UTC. milliseconds: until its last row was read or it failed.
    size_bytes: of the answer's values as they came. error: the source's own five-letter code, or empty.
    """

    statement: str
    digest: str
    source: str
    started_at: datetime
    milliseconds: float
    rows: int
    size_bytes: int
    error: str = ""


class Text(NamedTuple):
    """SQL text of a source from which literals were removed.

    kind: 'sql', or 'digest' when a part of it was not understood and a keyed digest stands for the whole.
    """

    text: str
    kind: Literal["sql", "digest"]


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """What a connector's assets keep besides their names, by key at any depth of `Asset.facts`.

    texts: SQL without literals, or its digest where `<key>_kind` says so. plain: names, codes, numbers, marks and what
    holds them. A key that is in neither is nothing that a connector may store (promise D3).
    """

    texts: frozenset[str]
    plain: frozenset[str]


class AssetKind(StrEnum):
    """The kinds of asset that connectors yield. Columns come inside their relation."""

    DATABASE = "database"
    SCHEMA = "schema"
    TABLE = "table"
    PARTITIONED_TABLE = "partitioned_table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized_view"
    FOREIGN_TABLE = "foreign_table"
    SEQUENCE = "sequence"
    ENUM = "enum"
    DOMAIN = "domain"
    RANGE = "range"
    COMPOSITE_TYPE = "composite_type"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    AGGREGATE = "aggregate"


# A column is a list in this order: 200,000 small objects cost more than the reading itself.
# name str, position int, type str, is_nullable bool, default str|None, comment str|None,
# extra dict|None with any of: identity 'always'|'by default', generated 'stored'|'virtual',
# collation str, default_kind str (see `Text`).
COLUMN_FIELDS = ("name", "position", "type", "is_nullable", "default", "comment", "extra")
Column = list[Json]


@dataclass(slots=True)
class Asset:
    """One thing that a source holds.

    path: from the database down, for example ('shop', 'sales', 'orders'). facts: JSON of what is particular
    to its kind (see the connector's docs). columns: in the source's order. row_estimate, size_bytes: the
    source's own estimates, None when it has none. not_seen: why its definitions could not be read
    ('locked'), else empty; whatever is stored of them stays.
    """

    kind: AssetKind
    path: tuple[str, ...]
    comment: str | None = None
    facts: dict[str, Json] = field(default_factory=dict)
    columns: list[Column] = field(default_factory=list)
    row_estimate: int | None = None
    size_bytes: int | None = None
    not_seen: str = ""


@dataclass(frozen=True, slots=True)
class NotSeen:
    """Something that exists and could not be read.

    scope: its dotted path. reason: a code ('locked', 'denied', 'failed').
    """

    scope: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A part of a source of which a read could not even list what exists: nothing of it is confirmed gone.

    path: from the database down. kinds: of assets that were not listed below it; empty for all of them.
    reason: a code ('denied', 'failed', 'unreachable').
    """

    path: tuple[str, ...]
    kinds: tuple[AssetKind, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a connection test found out.

    product: for example 'PostgreSQL 15.18'. user: who we are there. databases: name and whether this
    credential may connect to it. is_encrypted: whether the connection was TLS or a local socket.
    """

    product: str
    user: str
    databases: tuple[tuple[str, bool], ...]
    is_encrypted: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a read is. done and total count assets; total is the source's estimate, None while unknown."""

    phase: str
    done: int
    total: int | None


class Session(Protocol):
    """An open, read-only connection to one database of a source."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def report(self) -> SourceReport:
        """Tell what is at the other end."""

    def read(self) -> Iterator[list[Asset]]:
        """Yield the database's assets in batches, parents before children, from one snapshot.

        After the last batch `not_seen` is complete. Raises SourceFailure.
        """

    @property
    def total(self) -> int | None:
        """How many assets the read will yield, by the source's estimate; None before it is known."""

    @property
    def not_seen(self) -> list[NotSeen]:
        """What exists and could not be read."""

    @property
    def unlisted(self) -> list[Unlisted]:
        """What could not even be listed, so that nothing of it is confirmed gone."""

    def privileges(self) -> Privileges:
        """Tell what the credential could do here. Raises SourceFailure."""

    def cancel(self) -> None:
        """Stop the running statement at the source, from another thread, and send none after it.

        What goes on in this session ends with SourceFailure `source.cancelled`.
        """


Clock = Callable[[], datetime]
Ledger = Callable[[LedgerEntry], None]


class Connector(Protocol):
    """A kind of source."""

    name: str
    title: str
    capabilities: tuple[str, ...]
    fields: tuple[SettingField, ...]
    stored_facts: StoredFacts
    permission_capabilities: tuple[str, ...]

    def without_literals(self, sql: str, digest_key: bytes) -> Text:
        """Return a text of such a source without its literals. What is stored stays as it is under this."""

    def check_settings(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the settings with defaults filled in, or raise WrongUse naming the field in its code."""

    def settings_from_url(self, url: str) -> dict[str, str]:
        """Read settings from a URL without a password. Raises WrongUse, also when it carries one."""

    def databases(self, settings: Mapping[str, str]) -> tuple[str, ...]:
        """Return the databases that these settings choose: one session each."""

    def statements(self) -> StatementLists:
        """Return everything that can ever be sent to such a source."""

    def try_locks(self, sql: str) -> LockVerdicts:
        """Tell which locks would refuse this text, each by itself. Nothing is sent, and no source is needed."""

    def former_digests(self) -> frozenset[str]:
        """Return the digests of what earlier versions sent and this one does not. They may stand in a ledger."""

    def list_differences(self) -> ListDifferences:
        """Compare the files of statements, as they lie there now, with what was built in."""

    def permission_script(
        self, settings: Mapping[str, str], capabilities: Iterable[str] = (), *, with_hardening: bool = False
    ) -> str:
        """Return the least script that lets Fanlight in. Raises WrongUse.

        capabilities: of `permission_capabilities`, each adds what it needs where the source is stricter than usual.
        with_hardening: add, as comments, what could be taken from every role there.
        """

    def removal_script(self, settings: Mapping[str, str], found: Mapping[str, Privileges]) -> str:
        """Return the script that takes away every right beyond reading. found: by database. It holds no secret."""

    def open(
        self,
        settings: Mapping[str, str],
        secret: Secret | None,
        *,
        database: str,
        ledger: Ledger,
        clock: Clock,
        address: str | None = None,
        digest_key: bytes | None = None,
    ) -> Session:
        """Connect to one database. Raises SourceFailure with a remedy; no secret in any message.

        address: the IP address that was checked for this host, to be the one used. digest_key: what texts that are
        not understood are digested with; they are the same from run to run only under the same key.
        """
