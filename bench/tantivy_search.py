"""Tantivy over the same texts, its hits ranked again in Python: what a search engine beside the catalogue could do.

Score of a hit: tantivy's own, scaled to 2; the share of the name's words that were typed, 3; the kind, up to 0.45; the
exact name, 2. A word that finds nothing is tried with one typo, then with two, then any of the words.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rivals
from corpus import Entry, words_of

_KIND_WEIGHT = {"database": 3.0, "schema": 3.0, "table": 2.5, "view": 2.0, "column": 0.0}
_BEFORE_RANKING, _HEAP_BYTES, _THREADS = 100, 512 << 20, 2
_SHORT = 3  # letters of a word that is not corrected


class Tantivy:
    """An index in a folder, opened for reading once it is built."""

    def __init__(self, folder: Path) -> None:
        sys.path.append(str(rivals.packages("tantivy")))
        import tantivy  # noqa: PLC0415 - from its own environment

        self._tantivy, self._folder = tantivy, folder
        self.version = tantivy.__version__

    def build(self, entries: Sequence[Entry]) -> None:
        """Index everything: words of the name, of the parent's name and of the comment, and each end of the path."""
        builder = self._tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", stored=True)
        for field in ("name", "parent", "comment"):
            builder.add_text_field(field, tokenizer_name="default")
        builder.add_text_field("path", tokenizer_name="raw")
        self._schema = builder.build()
        index = self._tantivy.Index(self._schema, path=str(self._folder))
        writer = index.writer(_HEAP_BYTES, _THREADS)
        for number, one in enumerate(entries):
            parts = [part.lower() for part in one.path]
            writer.add_document(
                self._tantivy.Document(
                    number=number,
                    name=" ".join(words_of(one.name)),
                    parent=" ".join(words_of(one.path[-2])),
                    comment=one.comment,
                    path=[".".join(parts[first:]) for first in range(len(parts) - 1)],
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._entries, self._searcher = entries, index.searcher()

    def size_bytes(self) -> int:
        """Return how much the index takes on disk."""
        return sum(file.stat().st_size for file in self._folder.iterdir())

    def search(self, typed: str, most: int) -> list[Entry]:
        """Return what fits best, best first."""
        query = self._tantivy.Query
        if "." in typed and (hits := self._hits(query.term_query(self._schema, "path", typed.lower()))):
            return [one for one, _ in hits[:most]]
        words = words_of(typed) if re.search("[A-Z_]", typed) else re.findall(r"\w+", typed.lower())
        occur = self._tantivy.Occur
        for typos, needed in ((0, occur.Must), (1, occur.Must), (2, occur.Must), (2, occur.Should)):
            parts = [
                (needed, self._word(word, typos, is_last=number == len(words) - 1))
                for number, word in enumerate(words)
            ]
            if hits := self._hits(query.boolean_query(parts)):
                return self._ranked(typed, words, hits)[:most]
        return []

    def _word(self, word: str, typos: int, *, is_last: bool) -> Any:
        query, schema, should = self._tantivy.Query, self._schema, self._tantivy.Occur.Should
        ways = [
            (should, query.boost_query(query.term_query(schema, "name", word), 3.0)),
            (should, query.term_query(schema, "parent", word)),
            (should, query.boost_query(query.term_query(schema, "comment", word), 0.3)),
        ]
        if is_last:
            begun = query.fuzzy_term_query(schema, "name", word, distance=0, prefix=True)
            ways.append((should, query.boost_query(begun, 1.5)))
        if typos and len(word) > _SHORT:
            ways.append((should, query.fuzzy_term_query(schema, "name", word, distance=typos)))
        return query.boolean_query(ways)

    def _hits(self, query: Any) -> list[tuple[Entry, float]]:
        found = self._searcher.search(query, _BEFORE_RANKING).hits
        return [(self._entries[self._searcher.doc(at)["number"][0]], score) for score, at in found]

    @staticmethod
    def _ranked(typed: str, words: list[str], hits: list[tuple[Entry, float]]) -> list[Entry]:
        best, exact = max(score for _, score in hits) or 1, typed.lower()

        def score(hit: tuple[Entry, float]) -> float:
            one, own = hit
            names = words_of(one.name)
            share = sum(any(name.startswith(word) for name in names) for word in words) / max(
                len(names), len(words)
            )
            return (
                2 * own / best + 3 * share + 0.15 * _KIND_WEIGHT[one.kind] + 2 * (one.name.lower() == exact)
            )

        return [one for one, _ in sorted(hits, key=score, reverse=True)]
