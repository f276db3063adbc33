"""Numbers, sizes and times in words, the same on pages and on the command line."""

from __future__ import annotations

from datetime import timedelta

_SIZES = ("bytes", "kB", "MB", "GB", "TB", "PB")
_THOUSAND = 1000
_TEN, _HUNDRED = 10, 100


def grouped(number: int | None) -> str:
    """Return 1204 as '1,204' and None as 'unknown'."""
    return "unknown" if number is None else f"{number:,}"


def about(number: int | None) -> str:
    """Return an estimate in three digits at most: 48213377 as '48.2 million', None as 'unknown'."""
    if number is None:
        return "unknown"
    for size, word in ((1_000_000_000, "billion"), (1_000_000, "million")):
        if number >= size:
            return f"{_three_digits(number / size)} {word}"
    return f"{number:,}"


def bytesize(size_bytes: int | None) -> str:
    """Return a size with its unit: 19400000000 as '19.4 GB', None as 'unknown'. Units are powers of 1000."""
    if size_bytes is None:
        return "unknown"
    size, unit = float(size_bytes), 0
    while size >= _THOUSAND and unit < len(_SIZES) - 1:
        size, unit = size / _THOUSAND, unit + 1
    return f"{size_bytes} bytes" if unit == 0 else f"{_three_digits(size)} {_SIZES[unit]}"


def duration(span: timedelta | float | None) -> str:
    """Return a time span in its largest fitting unit; a bare number is milliseconds."""
    if span is None:
        return ""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span / 1000
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{_three_digits(seconds)} s"


def ago(span: timedelta) -> str:
    """Return how long ago: 'just now', '4 minutes ago'."""
    return (
        "just now"
        if span.total_seconds() < _TEN
        else f"{duration(timedelta(seconds=int(span.total_seconds())))} ago"
    )


def plural(count: int, one: str, many: str = "") -> str:
    """Return '1 table', '1,204 tables'; many defaults to one with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def counted(count: int, many: str) -> str:
    """Return '1 row tried', '1,204 rows tried': a count before words whose first one is a plural."""
    first, space, rest = many.partition(" ")
    if count == 1:
        first = f"{first[:-3]}y" if first.endswith("ies") else first.removesuffix("s")
    return f"{count:,} {first}{space}{rest}"


def _three_digits(number: float) -> str:
    return f"{number:.0f}" if number >= _HUNDRED else f"{number:.1f}".removesuffix(".0")
