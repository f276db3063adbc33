"""One encoding for everything that is digested, signed or sealed: the same value always gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def encode(value: Mapping[str, Any]) -> bytes:
    """Return the canonical JSON of a mapping.

    Keys sorted by code point, no white space, UTF-8, no escapes that UTF-8 makes needless. Numbers are
    integers only: a float raises TypeError, since its spelling is a matter of taste. Source: RFC 8785, of
    which this is the subset without floats.
    """
    _refuse_floats(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("canonical JSON here holds integers only")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError("canonical JSON here has text keys only")
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)
