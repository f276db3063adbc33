"""What a browser says of itself, in words: enough to tell one's own sessions apart."""

from __future__ import annotations

import re

from django.http import HttpRequest

from fanlight.organizations.types import Browser

# The first that fits: most pretend to be others, too.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdgA?/")),
    ("Opera", re.compile(r"\bOPR/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("macOS", re.compile(r"\bMac OS X\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)
_MOST_CHARACTERS = 500


def browser_of(request: HttpRequest) -> Browser:
    """Return where a request comes from; of what it says only words of ours are kept."""
    said = request.headers.get("User-Agent", "")[:_MOST_CHARACTERS]
    program = next((name for name, fits in _BROWSERS if fits.search(said)), "")
    system = next((name for name, fits in _SYSTEMS if fits.search(said)), "")
    device = " on ".join(word for word in (program, system) if word)
    return Browser(device or "another program", str(request.META.get("REMOTE_ADDR", "")))
