"""A made-up catalogue to search in: the same size and seed make the same one.

Words are drawn with Zipf frequencies from 6,000; names are snake_case, in some schemas camelCase. Of all entries about
91 % are columns; comments stand on 40 % of the tables, 30 % of the schemas and 15 % of the columns.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from names import WORDS

VOCABULARY, _EXPONENT = 6000, 0.95
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"
_DATABASES, _SCHEMAS, _FEWEST_TABLES, _MOST_TABLES = 3, 20, 10, 200
_FEWEST_COLUMNS, _MOST_COLUMNS = 2, 18
_COMMON_NAMES, _COMMON_SHARE = 400, 0.4
_VIEWS, _CAMEL_SCHEMAS = 0.05, 0.15
_TABLE_COMMENTS, _SCHEMA_COMMENTS, _COLUMN_COMMENTS = 0.4, 0.3, 0.15

_WORD = re.compile("[A-Z]?[a-z0-9]+|[A-Z]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A database, schema, table, view or column. path: from the integration down, its own name last."""

    kind: str
    path: tuple[str, ...]
    comment: str

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]


def words_of(name: str) -> list[str]:
    """Split a snake_case or camelCase name into its words, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


class _Words:
    """Draws words and names; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        made = dict.fromkeys(WORDS)
        while len(made) < VOCABULARY:
            syllables = self.rng.randint(2, 4)
            letters = (self.rng.choice(_CONSONANTS) + self.rng.choice(_VOWELS) for _ in range(syllables))
            made["".join(letters) + self.rng.choice(["", "", "n", "r", "s", "t"])] = None
        self.words = tuple(made)
        self._cumulative = list(
            itertools.accumulate(1 / (rank + 3) ** _EXPONENT for rank in range(VOCABULARY))
        )

    def draw(self, fewest: int, most: int) -> list[str]:
        count = self.rng.randint(fewest, most)
        return list(dict.fromkeys(self.rng.choices(self.words, cum_weights=self._cumulative, k=count)))

    def name(self, fewest: int, most: int, taken: set[str], *, is_camel: bool = False) -> str:
        while True:
            drawn = self.draw(fewest, most)
            name = drawn[0] + "".join(map(str.capitalize, drawn[1:])) if is_camel else "_".join(drawn)
            if name.lower() not in taken and len(name) <= 60:
                taken.add(name.lower())
                return name
            most += 1

    def comment(self, share: float, fewest: int = 4, most: int = 12) -> str:
        return " ".join(self.draw(fewest, most)).capitalize() + "." if self.rng.random() < share else ""


def entries(count: int, seed: int) -> Iterator[Entry]:
    """Give that many entries, parents before what hangs below them."""
    return itertools.islice(_all(_Words(seed)), count)


def _all(words: _Words) -> Iterator[Entry]:
    common = [words.name(1, 2, set()) for _ in range(_COMMON_NAMES)]
    integrations: set[str] = set()
    while True:
        integration = (
            f"{words.name(1, 1, integrations)}-{words.rng.choice(['prod', 'test'])}-{len(integrations)}"
        )
        databases: set[str] = set()
        for _ in range(_DATABASES):
            database = (integration, words.name(1, 2, databases))
            yield Entry("database", database, "")
            schemas: set[str] = set()
            for _ in range(_SCHEMAS):
                schema = (*database, words.name(1, 1, schemas))
                yield Entry("schema", schema, words.comment(_SCHEMA_COMMENTS))
                yield from _tables(words, schema, common)


def _tables(words: _Words, schema: tuple[str, ...], common: list[str]) -> Iterator[Entry]:
    rng, tables = words.rng, set[str]()
    is_camel = rng.random() < _CAMEL_SCHEMAS
    for _ in range(rng.randint(_FEWEST_TABLES, _MOST_TABLES)):
        table = (*schema, words.name(1, 4, tables, is_camel=is_camel))
        yield Entry("view" if rng.random() < _VIEWS else "table", table, words.comment(_TABLE_COMMENTS))
        yield Entry("column", (*table, "id"), "")
        columns = {"id"}
        for _ in range(rng.randint(_FEWEST_COLUMNS, _MOST_COLUMNS)):
            name = rng.choice(common) if rng.random() < _COMMON_SHARE else None
            if name is None or name in columns:
                name = words.name(1, 3, columns, is_camel=is_camel)
            columns.add(name.lower())
            yield Entry("column", (*table, name), words.comment(_COLUMN_COMMENTS, 3, 8))
