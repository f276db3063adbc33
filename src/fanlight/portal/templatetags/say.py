"""How pages say numbers, sizes and times."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template

from fanlight.core import words
from fanlight.foundation import clock

register = template.Library()

register.filter("grouped", words.grouped)
register.filter("about", words.about)
register.filter("bytesize", words.bytesize)
register.filter("duration", words.duration)


@register.filter
def ago(moment: datetime | None) -> str:
    """Say how long ago something was, in words; 'never' for None."""
    return words.ago(clock.now() - moment) if moment else "never"


@register.filter
def until(moment: datetime | None) -> str:
    """Say how far ahead something is, in words."""
    return words.duration(max(moment - clock.now(), timedelta())) if moment else ""
