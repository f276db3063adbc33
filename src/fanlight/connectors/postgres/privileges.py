"""What a credential could do: its roles, its rights by kind, and one sentence about all of it.

The catalogue says who granted what to whom, so the statements ask it rather than `has_table_privilege`: they
cost one scan for any number of roles, open nothing, and tell through which role a right is held.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fanlight.connectors.postgres.failures import DENIED
from fanlight.connectors.postgres.guard import Guard, Row, StatementError
from fanlight.connectors.postgres.naming import BOOTSTRAP, DATABASE_OWNER, WHOLE_SERVER, quoted
from fanlight.connectors.postgres.privilege_words import Counts, sentence
from fanlight.connectors.types import Privileges, Right, RightLevel

MOST_LISTED = 1000
_ORDER = (RightLevel.WRITE, RightLevel.READ, RightLevel.PUBLIC)
_LEVELS = {1: RightLevel.WRITE, 2: RightLevel.READ, 3: RightLevel.PUBLIC}
_ATTRIBUTES = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
# Of PostgreSQL's own roles these only read. Any other, also of a version to come, does more.
_READING_ROLES = {
    "pg_read_all_data", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables", "pg_monitor",
}  # fmt: skip
_BOOTSTRAP_OID = 10
_KINDS = (
    "role", "membership", "database", "schema", "parameter", "tablespace", "foreign data wrapper",
    "foreign server", "function", "procedure", "table", "view", "sequence", "column", "large object",
)  # fmt: skip
_WEIGHTS = {kind: weight for weight, kind in enumerate(_KINDS)}
_ABOUT = {
    "privilege_relations": "tables",
    "privilege_functions": "functions",
    "privilege_objects": "schemas and databases",
    "privilege_owned": "what it owns",
    "privilege_parameters": "settings",
}


@dataclass(frozen=True, slots=True)
class _Role:
    """A role whose rights count. hops: memberships of the credential's own that lead to it from afar."""

    oid: int
    name: str
    is_own: bool
    hops: tuple[str, ...]
    held: tuple[str, ...]
    grantors: tuple[str, ...]
    attributes: tuple[str, ...]
    may_act: bool

    @property
    def is_super(self) -> bool:
        return self.may_act and "SUPERUSER" in self.attributes

    @property
    def is_of_the_product(self) -> bool:
        return self.name.startswith("pg_")


@dataclass(slots=True)
class _Found:
    """What the statements answered, put together."""

    database: str
    user: str
    rights: list[Right] = field(default_factory=list)
    sums: list[tuple[str, int, str, list[str]]] = field(default_factory=list)
    totals: tuple[int, ...] = (0, 0, 0, 0, 0)
    unknown: list[str] = field(default_factory=list)

    def add(self, rows: list[Row]) -> None:
        for kind, level, holder, sums, path, rights, grantors, *types in rows:
            if kind == "all":
                self.totals = tuple(int(total) for total in sums)
            elif sums is not None:
                self.sums.append((kind, level, holder, sums))
            else:
                self.rights.append(
                    Right(
                        _LEVELS[level],
                        kind,
                        tuple(path) if kind in WHOLE_SERVER else (self.database, *path),
                        tuple(sorted(rights)),
                        "" if holder == self.user else holder,
                        tuple(sorted(grantors or ())),
                        _signature(*types),
                    )
                )


def read_privileges(guard: Guard, names: Mapping[str, str], database: str) -> Privileges:
    """Ask what this session's credential could do in this database; nothing is tried.

    guard: in a transaction that has its savepoint. names: which file serves each statement there. Raises
    StatementError, except where a hardened server hides a catalogue table: that is `unknown`.
    """
    try:
        roles = [_role(row) for row in guard.run(names["privilege_roles"])]
    except StatementError as failed:
        if failed.sqlstate != DENIED:
            raise
        guard.run("rollback_to_savepoint")
        return Privileges("Could not find out what it can do", 0, 0, (), 0, _digest([]), ("everything",))
    (user,) = (role.name for role in roles if role.is_own)
    found = _Found(database, user)
    oids = [role.oid for role in roles]
    is_super = any(role.is_super for role in roles)
    reads_all = is_super or any(role.name == "pg_read_all_data" for role in roles)
    writes_all = is_super or any(role.name == "pg_write_all_data" for role in roles)
    parameters: dict[str, Sequence[object]] = {
        "privilege_relations": (oids, reads_all, writes_all, MOST_LISTED),
        "privilege_functions": (oids, reads_all or writes_all, MOST_LISTED),
    }
    for name, about in _ABOUT.items():
        if name not in names:  # parameters have no grants before PostgreSQL 15
            continue
        try:
            found.add(guard.run(names[name], parameters.get(name, (oids, MOST_LISTED))))
        except StatementError as failed:
            if failed.sqlstate != DENIED:
                raise
            guard.run("rollback_to_savepoint")
            found.unknown.append(about)
    return _summed_up(found, roles)


def _summed_up(found: _Found, roles: list[_Role]) -> Privileges:
    writers = {holder for _, level, holder, _ in found.sums if level == 1}
    of_roles = [right for role in roles for right in _rights_of(role, writers)]
    listed = sorted(
        [*of_roles, *found.rights],
        key=lambda right: (
            _ORDER.index(right.level),
            _WEIGHTS.get(right.kind, len(_WEIGHTS)),
            right.kind,
            right.path,
            right.through,
        ),
    )
    readable, writable, both, dormant, other = found.totals
    counts = Counts(
        readable=readable,
        writable=writable,
        both=both,
        dormant=dormant,
        other_on_tables=other,
        by_kind=_counts(found.sums, 0),
        owned=_counts(found.sums, 1),
        of_roles=tuple(of_roles),
        reads_all=any(role.name == "pg_read_all_data" for role in roles),
        writes_all=any(role.name == "pg_write_all_data" for role in roles),
        unknown=tuple(found.unknown),
    )
    return Privileges(
        sentence=sentence(counts),
        readable=readable,
        writable=writable,
        rights=tuple(listed[:MOST_LISTED]),
        count=len(of_roles) + sum(int(sums[0]) for _, _, _, sums in found.sums),
        digest=_digest([[str(right) for right in of_roles], sorted(found.sums), found.unknown]),
        unknown=tuple(found.unknown),
    )


def _counts(sums: list[tuple[str, int, str, list[str]]], place: int) -> dict[tuple[str, RightLevel], int]:
    counts: dict[tuple[str, RightLevel], int] = defaultdict(int)
    for kind, level, _, numbers in sums:
        counts[kind, _LEVELS[level]] += int(numbers[place])
    return dict(counts)


def _role(row: Row) -> _Role:
    oid, name, is_own, hops, held, grantors, attributes, may_act = row
    return _Role(
        oid,
        name,
        is_own,
        tuple(sorted(hops or ())),
        tuple(sorted(held or ())),
        tuple(sorted(grantors or ())),
        tuple(name for name, has in zip(_ATTRIBUTES, attributes, strict=True) if has)
        + ((BOOTSTRAP,) if oid == _BOOTSTRAP_OID else ()),
        may_act,
    )


def _rights_of(role: _Role, writers: set[str]) -> list[Right]:
    """Return the attributes of a role that the credential may act as, and the memberships that lead to it."""
    found = []
    if role.may_act and role.attributes:
        through = "" if role.is_own else role.name
        found.append(Right(RightLevel.WRITE, "role", (role.name,), tuple(sorted(role.attributes)), through))
    if role.is_own or role.name == DATABASE_OWNER:
        return found
    is_more = (
        role.name in writers
        or "ADMIN" in role.held
        or (role.may_act and role.attributes)
        or (role.is_of_the_product and role.name not in _READING_ROLES)
    )
    level = RightLevel.WRITE if is_more else RightLevel.READ
    if role.held:
        found.append(Right(level, "membership", (role.name,), role.held, "", role.grantors))
    found.extend(Right(level, "membership", (role.name,), ("MEMBER",), hop) for hop in role.hops)
    return found


def _signature(schemas: Sequence[str] | None = None, names: Sequence[str] | None = None) -> str:
    pairs = zip(schemas or (), names or (), strict=True)
    return ", ".join(f"{quoted(schema)}.{quoted(name)}" for schema, name in pairs)


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
