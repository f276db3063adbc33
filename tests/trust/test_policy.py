"""The policy's file: what it says, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanlight.trust.controls import controls
from fanlight.trust.policy import PolicyError, parse, promises
from fanlight.trust.types import Group

ROOT = Path(__file__).parents[2]
GOOD = """
[promise.W2]
sentence = "Only members get in."
group = "workspace"
limit = "always"
owner = "engineering"
review_by = 2027-05-31
control = "w2_members_only"
tests = ["tests/trust/test_w2.py"]
criteria = ["CC6.1", "ASVS V8.4.1"]
"""


def test_the_policy_has_the_twenty_five_promises_in_its_order() -> None:
    assert [one.id for one in promises()] == (
        [
            "T1",
            "T2",
            "T3",
            "T4",
            "R1",
            "R2",
            "R3",
            "D1",
            "D2",
            "D3",
            "W1",
            "W2",
            "W3",
            "W4",
            "W5",
            "W6",
            "O1",
            "O2",
            "O3",
            "O4",
            "O5",
            "O6",
            "O7",
            "O8",
            "O9",
        ]
    )
    assert [one.group for one in promises()] == sorted(
        (one.group for one in promises()), key=list(Group).index
    )


def test_a_promise_without_a_control_says_that_there_is_none() -> None:
    for one in promises():
        assert bool(one.control) != one.not_claimed.startswith("No control yet")


def test_every_file_of_a_control_is_named_by_one_promise() -> None:
    folder = ROOT / "src" / "fanlight" / "trust" / "controls"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {one.control for one in promises() if one.control}
    for promise, control in controls().items():
        assert control.promise == promise


def test_the_tests_that_a_promise_names_exist() -> None:
    for one in promises():
        for path in one.tests:
            assert (ROOT / path).is_file(), (one.id, path)


def test_the_words_of_a_control_are_sentences_and_hold_no_name() -> None:
    for control in controls().values():
        for said in (control.how, *control.findings.values()):
            assert said[0].isupper(), said
            assert said.endswith("."), said
            assert "{" not in said, said


def test_a_good_policy_is_read() -> None:
    (one,) = parse(GOOD)
    assert (one.id, one.control, one.not_claimed) == ("W2", "w2_members_only", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('limit = "always"', 'limits = "always"'),
        ('limit = "always"', ""),
        ('limit = "always"', 'limit = "always"\nextra = 1'),
        ('limit = "always"', 'limit = ""'),
        ('limit = "always"', 'limit = " always"'),
        ('limit = "always"', "limit = 24"),
        ('group = "workspace"', 'group = "people"'),
        ("review_by = 2027-05-31", 'review_by = "2027-05-31"'),
        ("review_by = 2027-05-31", "review_by = 2027-05-31T00:00:00Z"),
        ('control = "w2_members_only"', 'control = "../w2"'),
        ('control = "w2_members_only"', ""),
        ('control = "w2_members_only"', 'control = "w2_members_only"\nnot_claimed = "No control yet."'),
        ('tests = ["tests/trust/test_w2.py"]', "tests = []"),
        ('tests = ["tests/trust/test_w2.py"]', 'tests = ["/etc/passwd"]'),
        ('tests = ["tests/trust/test_w2.py"]', 'tests = "tests/trust/test_w2.py"'),
        ('"CC6.1", ', '"CC6.1", "CC6.1", '),
        ('"CC6.1", "ASVS V8.4.1"', ""),
        ('"CC6.1"', '"CC6"'),
        ("[promise.W2]", "[promise.X2]"),
        ("[promise.W2]", "[promises.W2]"),
        ("[promise.W2]", "title = 1\n[promise.W2]"),
        ('owner = "engineering"', 'owner = "engineering'),
    ],
)
def test_what_is_not_understood_is_refused(before: str, after: str) -> None:
    assert before in GOOD
    with pytest.raises(PolicyError):
        parse(GOOD.replace(before, after, 1))


def test_an_empty_policy_is_refused() -> None:
    for text in ("", "[promise]", "promise = 1"):
        with pytest.raises(PolicyError):
            parse(text)
