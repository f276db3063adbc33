"""Search, as you type and without."""

from __future__ import annotations

from typing import Any

import pytest

from fanlight.discovery import queries
from fanlight.portal.marking import pieces
from tests.conftest import World
from tests.portal.conftest import Filled
from tests.portal.sample import HOSTILE

HX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_plain_form_finds(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.bob).get("/search/", {"q": "order"}))
    assert "<mark>order</mark>s" in page
    assert "&quot;orders-prod&quot;.shop.sales.orders" in page
    assert f"/assets/{filled.assets['shop.sales.orders']}/" in page
    assert 'value="order"' in page


def test_a_column_leads_to_its_place(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get("/search/", {"q": "customer_id"}))
    assert f"/assets/{filled.assets['shop.sales.orders']}/?column=customer_id" in page


def test_the_list_below_the_field_is_a_listbox_of_few(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get("/search/hits/", {"q": "c"}, headers=HX))
    assert page.count('role="option"') == 9
    assert "See all" in page


def test_the_list_without_script_leads_to_the_page(world: World, filled: Filled, browse: Any) -> None:
    assert browse(world.alice).get("/search/hits/?q=a%20b")["Location"] == "/search/?q=a+b"


def test_nothing_typed_nothing_found_and_too_much_each_say_so(
    world: World, filled: Filled, browse: Any
) -> None:
    alice = browse(world.alice)
    assert "Write part of a name" in text(alice.get("/search/"))
    assert "Nothing found" in text(alice.get("/search/", {"q": "zzzqq"}))
    assert "longer than 500" in text(alice.get("/search/", {"q": "x" * 501}))
    assert "Nothing is called that" in text(alice.get("/search/hits/", {"q": "zzzqq"}, headers=HX))
    assert text(alice.get("/search/hits/", {"q": " "}, headers=HX)).strip() == ""


def test_what_a_typo_was_taken_for_is_said(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get("/search/", {"q": "ordres"}))
    assert "This is for <q><bdi>orders</bdi></q>" in page
    assert f"/assets/{filled.assets['shop.sales.orders']}/" in page
    assert "This is for" not in text(browse(world.alice).get("/search/", {"q": "orders"}))


def test_what_is_typed_is_never_obeyed(world: World, filled: Filled, browse: Any) -> None:
    alice = browse(world.alice)
    for typed in (HOSTILE, "' OR 1=1 --", "%", "_", "\\", "a:*", "(((", '"', "\u202e"):
        for address in ("/search/", "/search/hits/"):
            answer = alice.get(address, {"q": typed}, headers=HX)
            assert answer.status_code == 200
            assert "<script>" not in text(answer)


def test_pieces_joined_are_the_text() -> None:
    for words, typed in (("OrderLines_2", "line order"), ("", "x"), ("a(b", "(b"), ("İstanbul", "i")):
        assert "".join(part for part, _ in pieces(words, typed)) == words


def test_words_are_marked_where_words_begin() -> None:
    assert pieces("orderLine", "line") == [("order", False), ("Line", True)]
    assert pieces("sales_order", "order") == [("sales_", False), ("order", True)]
    assert pieces("reorder", "order") == [("reorder", False)]


def test_a_search_that_takes_too_long_says_so_in_the_page_and_below_the_field(
    world: World, filled: Filled, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_SECONDS", 0.001)
    alice = browse(world.alice)
    for answer in (
        alice.get("/search/", {"q": "ordres custmers"}),
        alice.get("/search/hits/", {"q": "ordres custmers"}, headers=HX),
    ):
        assert answer.status_code == 200
        assert "took longer than 0.001 s" in text(answer)
        assert "Nothing found" not in text(answer)
