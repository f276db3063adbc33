"""Addresses by the thousand. Django takes its time to tell one, so it is asked once for each page of the portal."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from django.urls import reverse

_NOBODY = UUID(int=0)


@cache
def address(name: str) -> str:
    """Return where a page is that needs no more than its name."""
    return reverse(name)


def address_of(name: str, ident: UUID, *more: str) -> str:
    """Return where the page of that name shows one thing. more: words of ours that follow, few in all."""
    return _pattern(name, *more).replace(str(_NOBODY), str(ident))


@cache
def _pattern(name: str, *more: str) -> str:
    return reverse(name, args=[_NOBODY, *more])
