"""What others wrote is shown, and does nothing."""

from __future__ import annotations

import unicodedata

import pytest

from fanlight.cli.errors import wrong_use
from fanlight.cli.terminal import clipped, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, and déjà vu 注文 🚢", "plain, and déjà vu 注文 🚢"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("over\rwritten\b", "over\ufffdwritten\ufffd"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("\x9b2J", "\ufffd2J"),
        ("two\nlines\tand", "two lines and"),
        ("no\u00a0break\u2028line", "no break line"),
        ("\ud800", "\ufffd"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ],
)
def test_only_what_can_be_seen_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_stand_only_where_they_are_wanted() -> None:
    assert printable("SELECT 1\n\tFROM x\x1b", keeps_lines=True) == "SELECT 1\n\tFROM x\ufffd"


def test_no_character_of_any_control_category_passes() -> None:
    every = "".join(map(chr, range(0x110000)))
    left = {unicodedata.category(one) for one in printable(every)}
    assert left.isdisjoint({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
    assert {one for one in printable(every) if unicodedata.category(one) == "Cf"} == {"\u200c", "\u200d"}


def test_a_comment_is_clipped_to_its_first_line() -> None:
    assert clipped("  one\r\ntwo", 10) == "one"
    assert clipped("a" * 20, 10) == "a" * 9 + "…"
    assert clipped(None, 10) == ""


def test_a_password_in_a_misplaced_address_is_not_repeated() -> None:
    error = wrong_use("Got unexpected extra argument (postgresql://u:p@ss:w/rd@h/x)", "fanlight extract")
    assert error.detail == "Got unexpected extra argument (postgresql://u:(password)@h/x)."
