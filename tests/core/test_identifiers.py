"""Identifiers and paths."""

from __future__ import annotations

import itertools
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanlight.core import words
from fanlight.core.identifiers import join_path, quote_part, split_path, uuid7_from, uuid7_texts
from fanlight.foundation import clock

names = st.lists(st.text(min_size=1), min_size=1, max_size=5)


@given(names)
def test_a_path_splits_into_the_names_it_was_joined_from(parts: list[str]) -> None:
    assert split_path(join_path(*parts)) == tuple(parts)


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("orders", "orders"),
        ("Orders", '"Orders"'),
        ("a.b", '"a.b"'),
        ('a"b', '"a""b"'),
        ("1a", '"1a"'),
        ("a b", '"a b"'),
    ],
)
def test_a_part_is_quoted_as_sql_quotes_it(name: str, quoted: str) -> None:
    assert quote_part(name) == quoted


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", '"a', 'a"b', '"a"b', '""'])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not a dotted path"):
        split_path(path)


def test_splitting_takes_linear_time_on_a_hostile_path() -> None:
    assert len(split_path(".".join(["a"] * 100_000))) == 100_000


def test_a_uuid7_says_its_version_and_its_time() -> None:
    made = uuid7_from(0x0123456789AB, (1 << 74) - 1)
    assert made.version == 7
    assert made.int >> 80 == 0x0123456789AB
    assert clock.uuid7().version == 7


def test_many_uuid7s_increase_and_are_all_different() -> None:
    made = list(itertools.islice(clock.many_uuid7(), 100_000))
    assert made == sorted(set(made))
    assert {UUID(one).version for one in made[:100]} == {7}


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_every_uuid7_text_is_a_uuid7(milliseconds: int, randomness: int) -> None:
    made = [UUID(one) for one in itertools.islice(uuid7_texts(milliseconds, randomness), 3)]
    assert [one.version for one in made] == [7, 7, 7]
    assert [one.int - made[0].int for one in made] == [0, 1, 2]


@pytest.mark.parametrize(
    ("say", "value", "said"),
    [
        (words.about, 48_213_377, "48.2 million"),
        (words.about, 1204, "1,204"),
        (words.about, None, "unknown"),
        (words.bytesize, 19_400_000_000, "19.4 GB"),
        (words.bytesize, 999, "999 bytes"),
        (words.duration, 3100.0, "3.1 s"),
        (words.duration, 42, "42 ms"),
        (words.duration, timedelta(minutes=4), "4 minutes"),
        (words.ago, timedelta(seconds=3), "just now"),
        (words.ago, timedelta(hours=1, minutes=59), "1 hour ago"),
    ],
)
def test_numbers_and_times_are_said_in_words(say: object, value: object, said: str) -> None:
    assert say(value) == said  # type: ignore[operator]
