"""Marking what was typed in what was found."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 500
_MOST_WORDS = 12
# A word begins after what is no letter or digit, and where camel case turns.
_BEGIN = r"(?:(?<![^\W_])|(?-i:(?<=[a-z0-9])(?=[A-Z])))"


def pieces(text: str, typed: str) -> list[tuple[str, bool]]:
    """Cut a text into pieces, each with whether it fits a typed word. Joined, they are the text."""
    wanted = sorted(set(_WORD.findall(typed[:_LONGEST].lower())), key=len, reverse=True)[:_MOST_WORDS]
    if not wanted:
        return [(text, False)]
    parts = re.split(f"{_BEGIN}({'|'.join(map(re.escape, wanted))})", text, flags=re.IGNORECASE)
    return [(part, bool(place % 2)) for place, part in enumerate(parts) if part]
