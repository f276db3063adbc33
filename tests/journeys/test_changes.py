"""Seeing what changed, in a real browser: a table is altered at the source, extracted, and read on every page of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.demo import Demo, needs_chromium, sign_in

pytestmark = needs_chromium
CHANGE = """
ALTER TABLE sales.orders ADD COLUMN gift_note varchar(200);
CREATE INDEX orders_gift ON sales.orders (gift_note) WHERE gift_note <> 'flliteral_none';
COMMENT ON COLUMN sales.orders.gift_note IS 'What the card says.';
CREATE TABLE sales.fleeting (id int)
"""
AGAIN = "ALTER TABLE sales.orders ALTER COLUMN gift_note TYPE text; DROP TABLE sales.fleeting"


@pytest.fixture
def altered(page: Page, demo: Demo) -> None:
    """The demo's source, changed twice and extracted each time by its button."""
    sign_in(page, demo)
    for place, statements in enumerate((CHANGE, AGAIN)):
        with demo.connect("demo-source", "harbour") as owner:
            owner.execute(statements.encode())
        page.goto("/integrations/")
        page.get_by_role("link", name="harbour").first.click()
        runs = page.locator("#live table").last.locator("tbody tr")
        before = runs.count()
        page.get_by_role("button", name="Extract now").click()
        expect(runs).to_have_count(before + 1, timeout=60_000)
        expect(runs.first).to_contain_text(re.compile("[0-9]+ new, [0-9]+ changed"), timeout=60_000)
        assert place < 2


def test_what_changed_is_seen_from_the_source_and_from_the_table(
    page: Page, demo: Demo, altered: None
) -> None:
    page.get_by_role("link", name="See what they found changed").click()
    expect(page.get_by_role("heading", level=1, name="What changed")).to_be_visible()
    expect(page.get_by_text("First extraction")).to_be_visible()
    typed = page.get_by_role("row").filter(has_text="gift_note").filter(has_text="type")
    expect(typed.first).to_contain_text(re.compile(r"character varying\(200\)\s*→.*text", re.DOTALL))
    assert "flliteral_" not in page.content()
    expect(page.get_by_role("row").filter(has_text="fleeting")).to_have_count(2)
    page.get_by_role("navigation", name="Narrow this list").get_by_role("link", name="Removed").click()
    expect(page.get_by_role("row").filter(has_text="fleeting")).to_have_count(1)
    page.get_by_role("link", name="Between two days").click()
    row = page.get_by_role("row").filter(has_text="gift_note").filter(has_text="column")
    expect(row).to_contain_text(re.compile(r"added\s*column\s*gift_note\s*text"))
    expect(page.get_by_role("row").filter(has_text="fleeting")).to_have_count(0)
    row.get_by_role("link").click()
    page.get_by_role("link", name="Changes", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="orders_gift").last).to_contain_text("btree")
    page.goto("/")
    expect(page.get_by_role("heading", name="Recent changes at the sources")).to_be_visible()
    for address in ("/", *_pages(page)):
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


def _pages(page: Page) -> list[str]:
    source = page.get_by_role("link", name=re.compile("ago|now")).first.get_attribute("href") or ""
    assert source.endswith("/changes/")
    return [source, source.replace("/changes/", "/difference/")]
