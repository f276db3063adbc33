"""What a credential may do at its source: plain data. Other rooms take it from `types`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RightLevel(StrEnum):
    """How far a right goes.

    READ: rows of data. PUBLIC: what every role there may do, by the source's own defaults, beyond reading the
    catalogue. WRITE: anything more, which is listed with the script that removes it.
    """

    READ = "read"
    PUBLIC = "public"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Right:
    """Something that a credential may do at its source.

    kind: of what it is about ('role', 'membership', 'database', 'schema', 'table', 'column', 'sequence',
    'function', ...). path: of that thing, from the database down; of what belongs to the whole server, its name
    alone. rights: as the source spells them, sorted; 'OWNER' stands for all of them. through: the other role that
    holds it, 'public' for every role; empty when the credential's own does. grantors: who granted it, where that is
    not the owner. signature: of a function, the types of its arguments, quoted.
    """

    level: RightLevel
    kind: str
    path: tuple[str, ...]
    rights: tuple[str, ...]
    through: str = ""
    grantors: tuple[str, ...] = ()
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Privileges:
    """What a credential could do in one database of a source, whether or not anybody ever does it.

    sentence: all of it in one ('Cannot read data', 'Can read 31 tables', 'Can write 12 tables').
    readable, writable: how many relations' rows it could read, or change. rights: the first ones, WRITE before
    READ before PUBLIC, then the weightiest kinds, then by path; count: of all. What follows from a right everywhere
    (a superuser's, say) is counted in readable and writable, and not listed once more for each table. digest: of all
    of them, the same while nothing changes. unknown: of what it could not be found out ('tables'): never take that
    for none.
    """

    sentence: str
    readable: int
    writable: int
    rights: tuple[Right, ...]
    count: int
    digest: str
    unknown: tuple[str, ...] = ()

    @property
    def is_excessive(self) -> bool:
        """Whether it could do more than read."""
        return any(right.level is RightLevel.WRITE for right in self.rights)
