"""The connector's edge: whatever a source says becomes plain, bounded data here, or a clear failure.

A source may lie about everything. What an honest server cannot send is refused, and the run with it: names that are
empty, longer than any server was built for, or hold a NUL; the same thing twice; figures out of range. What an honest
server may send and nobody could use whole is cut, with a mark that says so: texts, and the names of functions, which
hold the types of a hundred arguments.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import re
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from fanlight.connectors.types import (
    COLUMN_FIELDS,
    Asset,
    AssetKind,
    NotSeen,
    Privileges,
    SourceReport,
)
from fanlight.core.identifiers import join_path

# NAMEDATALEN, 64 as it comes, may be raised where a server is built.
NAME_CHARACTERS = 1000
# An entry of an index in the catalogue holds 2,704 bytes (src/include/access/nbtree.h, BTMaxItemSize): a path with the
# name of a column, and what else is in it.
PATH_BYTES, COLUMN_PATH_BYTES = 2000, 2500
TYPE_CHARACTERS = 2000
# The statements ask for one more, so that what is longer is known to be.
COMMENT_CHARACTERS = 100_000
# What a name has without further ado: four of them, of characters of four bytes, fit into an entry.
_USUAL_CHARACTERS = 120
# MaxHeapAttributeNumber is 1,600 and MaxTupleAttributeNumber, which bounds views, 1,664.
ASSET_COLUMNS = 1664
READ_ASSETS, READ_COLUMNS = 1_000_000, 20_000_000
_BIGINT = 2**63 - 1
_MOST_TOTAL, _MOST_DATABASES, _PRODUCT_CHARACTERS = 10**9, 100_000, 40
_BLOCK_SIZES = {2**power for power in range(10, 16)}
_ROUTINES = {AssetKind.FUNCTION, AssetKind.PROCEDURE, AssetKind.AGGREGATE}
_ROUTINE_HEAD_CHARACTERS = 200
_MOST_PARTS = 100  # of a right: names of its path, and kinds of it, grant options included
_NAME, _POSITION, _TYPE, _IS_NULLABLE, _, _COMMENT, _ = range(len(COLUMN_FIELDS))


class Implausible(Exception):
    """The source said what no server can say. what: a sentence's end, with nothing of the source's in it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


# What reading an answer of the wrong shape may raise.
MISREADINGS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)


def misread(error: BaseException) -> str:
    """Return how an error in reading an answer is told: its kind and the place in our own code, no value."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).stem}:{frames[-1].lineno}" if frames else "?"
    return f"answered with rows that are not those of any PostgreSQL server ({type(error).__name__}, {place})"


def risen(rows: Sequence[Sequence[Any]], last: int) -> int:
    """Return the last oid of a batch that was asked for in the order of oids, above `last`.

    Raises Implausible where they do not rise: a read in batches would never end.
    """
    for row in rows:
        oid = row[0]
        if type(oid) is not int or oid <= last:
            raise Implausible("answered out of order to what was asked for in order")
        last = oid
    return last


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cycle collector while one bounded batch is built.

    A batch is many small lists without a cycle among them; visiting them again and again while they grow took
    40 % of a read's processor time (10,000 tables of 20 columns).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Edge:
    """Looks over the assets of one read."""

    def __init__(self) -> None:
        # Python's own hashes are keyed: a source cannot make two paths look the same.
        self._seen: set[int] = set()
        self._columns = 0

    def checked(self, batches: Iterator[list[Asset]]) -> Iterator[list[Asset]]:
        """Yield the batches as they can be used. Raises Implausible."""
        for batch in batches:
            with collector_paused():
                if not _is_usual(batch):
                    for asset in batch:
                        _check(asset)
                self._count(batch)
            yield batch

    def _count(self, batch: list[Asset]) -> None:
        before = len(self._seen)
        self._seen.update([hash(asset.path) for asset in batch])
        if len(self._seen) != before + len(batch):
            raise Implausible("named the same thing twice")
        self._columns += sum([len(asset.columns) for asset in batch])
        if len(self._seen) > READ_ASSETS or self._columns > READ_COLUMNS:
            raise Implausible(
                f"holds more than the {READ_ASSETS:,} things or {READ_COLUMNS:,} columns that one read may take in"
            )


def _is_usual(batch: list[Asset]) -> bool:
    """Tell whether there is nothing in a batch that would have to be looked at one by one; quickly.

    Everything that `_check` refuses or changes is unusual.
    """
    return (
        _are_usual_names([name for asset in batch for name in asset.path])
        and not _has_unusual([asset.comment for asset in batch])
        and not _has_unusual(
            [column[_COMMENT] for asset in batch for column in asset.columns if column[_COMMENT]]
        )
        and _are_figures([asset.row_estimate for asset in batch])
        and _are_figures([asset.size_bytes for asset in batch])
        and max([len(asset.columns) for asset in batch], default=0) <= ASSET_COLUMNS
    )


def _are_usual_names(names: Sequence[Any]) -> bool:
    return (
        set(map(type, names)) == {str}
        and all(names)
        and max(map(len, names)) <= _USUAL_CHARACTERS
        and "\0" not in "".join(names)
    )


def _has_unusual(texts: Sequence[Any]) -> bool:
    """Tell whether one of these texts is none, or is too long, or holds a NUL."""
    found = [text for text in texts if text is not None]
    return bool(found) and (
        set(map(type, found)) != {str} or max(map(len, found)) > COMMENT_CHARACTERS or "\0" in "".join(found)
    )


def _are_figures(figures: Sequence[Any]) -> bool:
    found = [figure for figure in figures if figure is not None]
    return not found or (set(map(type, found)) == {int} and min(found) >= 0 and max(found) <= _BIGINT)


def _check(asset: Asset) -> None:
    """Refuse an asset, or make it usable. Raises Implausible."""
    _check_path(asset)
    asset.comment = _shortened(asset.comment, COMMENT_CHARACTERS)
    asset.row_estimate = _figure(asset.row_estimate)
    asset.size_bytes = _figure(asset.size_bytes)
    if len(asset.columns) > ASSET_COLUMNS:
        raise Implausible(f"gave a relation {len(asset.columns):,} columns")
    for column in asset.columns:
        column[_COMMENT] = _shortened(column[_COMMENT], COMMENT_CHARACTERS)


def are_usual_columns(rows: Sequence[Sequence[Any]]) -> bool:
    """Tell whether columns are as columns are, and have no default and no comment yet; quickly, all of them at once.

    rows: of a column's fields, and more. What is not so goes to `check_columns`.
    """
    if not rows:
        return True
    names, positions, types, are_nullable, defaults, comments, *_ = zip(*rows, strict=True)
    kinds = set(types)
    return (
        set(map(type, names)) == {str}
        and all(names)
        and max(map(len, names)) <= _USUAL_CHARACTERS
        and "\0" not in "".join(names)
        and set(map(type, positions)) == {int}
        and min(positions) > 0
        and max(positions) <= ASSET_COLUMNS
        and set(map(type, kinds)) == {str}
        and all(kinds)
        and max(map(len, kinds)) <= _USUAL_CHARACTERS
        and "\0" not in "".join(kinds)
        and set(map(type, are_nullable)) == {bool}
        and set(defaults) == set(comments) == {None}
    )


def check_columns(asset: Asset) -> None:
    """Raise Implausible for a relation's columns where one of them is not usual."""
    names = [column[_NAME] for column in asset.columns]
    room = COLUMN_PATH_BYTES - _size(join_path(*asset.path))
    for name, position, type_, is_nullable, *_ in asset.columns:
        check_name(name)
        _check_text(type_, TYPE_CHARACTERS)
        if type(position) is not int or not 0 < position <= ASSET_COLUMNS or type(is_nullable) is not bool:
            raise Implausible("gave a relation a column that is out of its place")
        if _size(name) > room:
            raise Implausible(f"gave a column a name of {len(name):,} characters")
    if len(set(names)) != len(names):
        raise Implausible("gave a relation the same column twice")


def _check_path(asset: Asset) -> None:
    for name in asset.path:
        if asset.kind in _ROUTINES and name is asset.path[-1]:
            _check_text(name, PATH_BYTES * 100)
        else:
            check_name(name)
    if _size(join_path(*asset.path)) <= PATH_BYTES:
        return
    if asset.kind not in _ROUTINES:
        raise Implausible(f"gave a path of more than {PATH_BYTES:,} bytes")
    *above, name = asset.path
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    asset.path = (*above, f"{name[:_ROUTINE_HEAD_CHARACTERS]} [and more: {mark}])")
    if _size(join_path(*asset.path)) > PATH_BYTES:
        raise Implausible(f"gave a path of more than {PATH_BYTES:,} bytes")


def check_name(name: object) -> None:
    """Raise Implausible for what is no name."""
    _check_text(name, NAME_CHARACTERS)
    if not name:
        raise Implausible("gave an empty name")


def _check_text(text: object, most: int) -> None:
    if type(text) is not str:
        raise Implausible("gave a name that is no text")
    if len(text) > most:
        raise Implausible(f"gave a name of {len(text):,} characters")
    if "\0" in text:
        raise Implausible("gave a name with a NUL in it")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _shortened(text: str | None, most: int) -> str | None:
    if text is None:
        return None
    if type(text) is not str:
        raise Implausible("gave a text that is none")
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if len(text) <= most else f"{text[:most]} [cut by Fanlight after {most:,} characters]"


def _figure(value: object) -> int | None:
    """Return an estimate; none at all where it cannot be one."""
    return value if type(value) is int and 0 <= value <= _BIGINT else None


def checked_total(total: object) -> int | None:
    """Return how much there is to read, by the source's estimate; None where it cannot be true."""
    return total if type(total) is int and 0 <= total <= _MOST_TOTAL else None


def checked_block_size(size: object) -> int:
    """Return the size of a block, a power of two up to 32 kB. Raises Implausible."""
    if type(size) is not int or size not in _BLOCK_SIZES:
        raise Implausible("gave its blocks a size that none have")
    return size


def checked_report(report: SourceReport) -> SourceReport:
    """Return a report that can be shown. Raises Implausible."""
    check_name(report.user)
    if len(report.databases) > _MOST_DATABASES:
        raise Implausible(f"named {len(report.databases):,} databases")
    for name, _ in report.databases:
        check_name(name)
    return replace(report, product=re.sub(r"[^ -~]", "?", report.product)[:_PRODUCT_CHARACTERS])


def checked_privileges(found: Privileges) -> Privileges:
    """Return what a credential could do, as it can be shown. Raises Implausible."""
    for count in (found.readable, found.writable, found.count):
        if type(count) is not int or not 0 <= count <= _MOST_TOTAL:
            raise Implausible("gave a figure out of range")
    for right in found.rights:
        if max(len(right.path), len(right.rights)) > _MOST_PARTS or len(right.grantors) > ASSET_COLUMNS:
            raise Implausible("gave a right of too many parts")
        for text in (right.kind, *right.path, *right.rights, right.signature):
            _check_text(text, PATH_BYTES * 100)
        for name in (right.through, *right.grantors):
            _check_text(name, NAME_CHARACTERS)
    return found


def checked_not_seen(found: NotSeen) -> NotSeen:
    """Return what could not be read, as it can be shown."""
    return NotSeen(_shortened(found.scope, PATH_BYTES * 2) or "", found.reason)
