"""What people type, each with the entry that they mean; the same corpus, count and seed make the same questions."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus import Entry, words_of

_SHARES = {
    "one word": 12,  # for its latency only: anything with the word in it is as good
    "words": 14,
    "whole name": 10,
    "word dropped": 14,
    "prefix": 14,
    "typo": 12,
    "two typos": 6,
    "path": 6,
    "end of a path": 6,
    "table and column": 6,
}
KINDS = tuple(_SHARES)
_LONG = 5  # letters of a word in which a mistake is made


@dataclass(frozen=True, slots=True)
class Question:
    """kind: of `KINDS`. meant: None where only the latency counts."""

    kind: str
    typed: str
    meant: Entry | None


def questions(entries: Sequence[Entry], count: int, seed: int) -> Iterator[Question]:
    """Give that many questions, of each kind its share."""
    rng = random.Random(seed)
    tables = [one for one in entries if one.kind in ("table", "view")]
    columns = [one for one in entries if one.kind == "column"]
    for kind in rng.choices(KINDS, list(_SHARES.values()), k=count):
        yield _question(rng, kind, tables, columns)


def _question(rng: random.Random, kind: str, tables: Sequence[Entry], columns: Sequence[Entry]) -> Question:
    if kind in ("path", "end of a path"):
        meant = rng.choice(tables if rng.random() < 0.5 else columns)
        return Question(kind, ".".join(meant.path if kind == "path" else meant.path[-2:]), meant)
    if kind == "table and column":
        meant = rng.choice(columns)
        return Question(kind, " ".join([*words_of(meant.path[-2])[:2], *words_of(meant.name)]), meant)
    meant, words = _table(rng, tables, kind)
    if kind == "one word":
        return Question(kind, rng.choice(words), None)
    if kind == "whole name":
        return Question(kind, meant.name, meant)
    _CHANGES[kind](rng, words)
    return Question(kind, " ".join(words), meant)


def _table(rng: random.Random, tables: Sequence[Entry], kind: str) -> tuple[Entry, list[str]]:
    """Choose a table whose name has what such a question needs."""
    while True:
        meant = rng.choice(tables)
        words = words_of(meant.name)
        long = sum(len(word) >= _LONG for word in words)
        least = {"word dropped": len(words) >= 3, "prefix": len(words[-1]) >= _LONG, "two typos": long >= 2}
        if kind == "one word" or (len(words) >= 2 and least.get(kind, kind != "typo" or long)):
            return meant, words


def _drop(rng: random.Random, words: list[str]) -> None:
    words.pop(rng.randrange(len(words)))


def _cut(rng: random.Random, words: list[str]) -> None:
    words[-1] = words[-1][: rng.randint(3, len(words[-1]) - 1)]


def _mistype(rng: random.Random, words: list[str], times: int = 1) -> None:
    long = [number for number, word in enumerate(words) if len(word) >= _LONG]
    for number in rng.sample(long, times):
        words[number] = _mistyped(rng, words[number])


def _mistyped(rng: random.Random, word: str) -> str:
    place, letter = rng.randrange(1, len(word) - 1), rng.choice(string.ascii_lowercase)
    head, tail = word[:place], word[place:]
    left_out, put_in, other = head + tail[1:], head + letter + tail, head + letter + tail[1:]
    swapped = head + tail[1] + tail[0] + tail[2:]
    return rng.choice([left_out, put_in, other, swapped])


_CHANGES = {
    "words": lambda rng, words: rng.shuffle(words),
    "word dropped": _drop,
    "prefix": _cut,
    "typo": _mistype,
    "two typos": lambda rng, words: _mistype(rng, words, 2),
}
