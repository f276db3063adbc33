"""How pages say numbers, sizes, times and kinds."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from html import escape
from typing import Any
from uuid import UUID

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from fanlight.core import words
from fanlight.extraction.types import Run
from fanlight.foundation import clock
from fanlight.portal import shapes, standing
from fanlight.portal.addresses import address, address_of
from fanlight.portal.promising import Bar

register = template.Library()

register.filter("grouped", words.grouped)
register.filter("about", words.about)
register.filter("bytesize", words.bytesize)
register.filter("duration", words.duration)

_DAY_SECONDS = 86_400
MOST_SAME = 500  # parts, of a few kilobytes at most


@register.filter
def ago(moment: datetime | None) -> str:
    """Say how long ago something was, in words; 'never' for None."""
    return words.ago(clock.now() - moment) if moment else "never"


@register.filter
def lasting(moment: datetime | None) -> str:
    """Say for how long something has been so, in words."""
    seconds = max(int((clock.now() - moment).total_seconds()), 1) if moment else 0
    return words.duration(timedelta(seconds=seconds)) if moment else ""


@register.filter
def until(moment: datetime | None) -> str:
    """Say how far ahead something is, in words."""
    ahead = math.ceil((moment - clock.now()).total_seconds()) if moment else 0
    return words.duration(timedelta(seconds=max(ahead, 0))) if moment else ""


@register.simple_tag
def same(part: str, **values: Hashable) -> SafeString:
    """Print a part that depends on these values and on nothing else, neither request nor time.

    It is rendered once for the same values, and given no others: what it prints is nobody's in particular.
    """
    return _same(part, tuple(values.items()))


@lru_cache(maxsize=MOST_SAME)
def _same(part: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return render_to_string(part, dict(values))


@register.filter
def at(name: str, ident: UUID | None = None) -> str:
    """Print the address of a page, or of the page of one thing, without the look through every address of `url`."""
    return address_of(name, ident) if ident else address(name)


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """Print a time element: words, with the exact time to machines and to whoever points at it."""
    if moment is None:
        return "never"
    day, time = f"{moment.day} {moment:%B %Y}", f"{moment:%H:%M:%S}"
    is_old = (clock.now() - moment).total_seconds() > _DAY_SECONDS
    words = f"{ago(moment)}, {day}" if is_old else ago(moment)
    return format_html(
        '<time datetime="{}" title="{}, {} UTC">{}</time>', moment.isoformat(), day, time, words
    )


@register.inclusion_tag("portal/parts/due.html")
def due(moment: datetime | None, length: str = "long") -> dict[str, Any]:
    """Print a time to come: 'in 4 hours' and, when not 'short', the exact time with it."""
    ahead = (moment - clock.now()).total_seconds() if moment else 0
    return {"moment": moment, "is_now": ahead < 1, "is_long": length == "long"}


@register.filter
def plural(count: int | None, one: str) -> str:
    """Say '1 table' or '1,204 tables'; irregular ones as 'entry,entries'."""
    single, _, many = one.partition(",")
    return words.plural(count or 0, single, many)


@register.filter
def kind(name: str) -> str:
    """Say what kind of asset it is."""
    return shapes.KINDS.get(name, name.replace("_", " "))


# Characters that reorder or hide others: in a name they make one thing look like another.
_TRICKS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@register.filter
def visible(text: object) -> str:
    """Print what a source calls something, with control and bidirectional characters spelled out."""
    return _TRICKS.sub(lambda found: f"\\u{ord(found[0]):04x}", str(text))


def said(text: object) -> str:
    """Return the same as it stands in a page, for what is not printed by a template: visible, and escaped."""
    return escape(visible(text))


@register.filter
def marked(pieces: Iterable[tuple[str, bool]]) -> SafeString:
    """Print pieces of a text, those that fit what was typed as marks."""
    printed = [f"<mark>{said(text)}</mark>" if fits else said(text) for text, fits in pieces]
    return SafeString(f"<bdi>{''.join(printed)}</bdi>")


@register.filter
def strip(bars: Iterable[Bar]) -> SafeString:
    """Print a bar for each day of a promise."""
    rect = '<rect class="{}" x="{}" y="0" width="4" height="18"><title>{}</title></rect>'
    return format_html_join("", rect, ((one.kind, one.x, one.title) for one in bars))


@register.filter
def within(text: str, most: int) -> str:
    """Print no more characters of a text than these, the last of them an ellipsis where there are more."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


_BUILT_IN = re.compile(r'"pg_catalog"\.(?="[a-z_][a-z0-9_]*")')
_PLAIN = re.compile(r'"([a-z_][a-z0-9_]*)"')


@register.filter
def signature(text: str) -> str:
    """Print a function's arguments as one writes them: '"pg_catalog"."int4"' as int4."""
    return _PLAIN.sub(r"\1", _BUILT_IN.sub("", text))


@register.filter
def gist(sentence: str) -> str:
    """Say the first clause of a sentence, and that there is more."""
    first, more, _ = sentence.partition("; ")
    return f"{first}, and more" if more else first


@register.filter
def phase(name: str) -> str:
    """Say what a run is doing."""
    return standing.PHASES.get(name, name.replace("_", " "))


@register.filter
def reason(code: str) -> str:
    """Say why something could not be read."""
    return standing.REASONS.get(code, code)


@register.filter
def run_standing(run: Run) -> standing.Standing:
    """Say how a run stands."""
    return standing.of_run(run)
