"""The policy as it is written in `policies/promises.toml`. What is not understood is refused as a whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, partial
from importlib import resources
from typing import Any

from fanlight.trust.types import Group, Promise

_ID = re.compile(r"[TRDWO][1-9]\Z")
_CONTROL = re.compile(r"[a-z][a-z0-9_]*\Z")
_CRITERION = re.compile(r"(?:(?:CC|C|P|PI|A)[0-9]{1,2}\.[0-9]{1,2}|ASVS V[0-9]{1,2}(?:\.[0-9]{1,2}){2})\Z")
_TEST = re.compile(r"tests/[a-z0-9_/]+\.py\Z")
_TEXTS = ("sentence", "group", "limit", "owner")
_REQUIRED = frozenset({*_TEXTS, "review_by", "tests", "criteria"})
_ONE_OF = frozenset({"control", "not_claimed"})
_Refuse = Callable[[str], "PolicyError"]


class PolicyError(ValueError):
    """The policy's file is not what it has to be. Says which promise and which key."""


@cache
def promises() -> tuple[Promise, ...]:
    """Return every promise, in the file's order. Raises PolicyError."""
    text = resources.files("fanlight.trust").joinpath("policies", "promises.toml").read_text("utf-8")
    return parse(text)


def promise(promise_id: str) -> Promise | None:
    """Return one promise, or None for an id that the policy does not have."""
    return next((one for one in promises() if one.id == promise_id), None)


def parse(text: str) -> tuple[Promise, ...]:
    """Return the promises of a policy's text. Raises PolicyError for anything that is missing, unknown or empty."""
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"the policy is not TOML: {error}") from error
    if set(read) != {"promise"} or not isinstance(read["promise"], dict) or not read["promise"]:
        raise PolicyError("the policy holds [promise.ID] tables and nothing else")
    return tuple(_promise(promise_id, entry) for promise_id, entry in read["promise"].items())


def _promise(promise_id: str, entry: Any) -> Promise:
    refuse = partial(_refuse, promise_id)
    if not _ID.match(promise_id):
        raise refuse("an id is one of T, R, D, W, O and a digit")
    if not isinstance(entry, dict):
        raise refuse("it is not a table")
    if unknown := sorted(set(entry) - _REQUIRED - _ONE_OF):
        raise refuse(f"unknown keys {unknown}")
    if missing := sorted(_REQUIRED - set(entry)):
        raise refuse(f"missing keys {missing}")
    if len(_ONE_OF & set(entry)) != 1:
        raise refuse("it names its control or says why nothing is claimed, and not both")
    if not isinstance(entry["review_by"], date) or isinstance(entry["review_by"], datetime):
        raise refuse("review_by is a date")
    texts = _texts(entry, refuse)
    return Promise(
        id=promise_id,
        sentence=texts["sentence"],
        group=Group(texts["group"]),
        limit=texts["limit"],
        owner=texts["owner"],
        review_by=entry["review_by"],
        control=texts.get("control", ""),
        not_claimed=texts.get("not_claimed", ""),
        tests=_list(entry, "tests", _TEST, refuse, may_be_empty="control" not in entry),
        criteria=_list(entry, "criteria", _CRITERION, refuse, may_be_empty=False),
    )


def _texts(entry: Mapping[str, Any], refuse: _Refuse) -> dict[str, str]:
    texts = {key: entry[key] for key in (*_TEXTS, *(_ONE_OF & set(entry)))}
    for key, text in texts.items():
        if not isinstance(text, str) or not text or text != text.strip():
            raise refuse(f"{key} is a text that is not empty")
    if texts["group"] not in set(Group):
        raise refuse(f"there is no group {texts['group']!r}")
    if not _CONTROL.match(texts.get("control", "a")):
        raise refuse("a control is named by its module")
    return texts


def _list(
    entry: Mapping[str, Any], key: str, shape: re.Pattern[str], refuse: _Refuse, *, may_be_empty: bool
) -> tuple[str, ...]:
    values = entry[key]
    if not isinstance(values, list) or not all(isinstance(one, str) and shape.match(one) for one in values):
        raise refuse(f"{key} is a list of what {shape.pattern!r} fits")
    if len(set(values)) != len(values) or (not values and not may_be_empty):
        raise refuse(f"{key} names something, and nothing twice")
    return tuple(values)


def _refuse(promise_id: str, why: str) -> PolicyError:
    return PolicyError(f"promise {promise_id!r}: {why}")
