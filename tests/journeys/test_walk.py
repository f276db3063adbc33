"""A newcomer's walk through the demo, and the same ways without a pointer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.demo import Demo, needs_chromium, sign_in

pytestmark = needs_chromium
RUN_MILLISECONDS = 60_000
# Where the focus is, and whether it can be seen: an outline, or the frame around the search field.
FOCUSED = """() => {
  const one = document.activeElement, outline = getComputedStyle(one).outlineStyle;
  const box = one.closest('.search'), framed = box && getComputedStyle(box).boxShadow !== 'none';
  const place = one.getBoundingClientRect();
  window.stops = window.stops || new Map();
  if (!window.stops.has(one)) window.stops.set(one, window.stops.size);
  return {
    number: window.stops.get(one), says: one.outerHTML.slice(0, 120), isBody: one === document.body,
    isSeen: outline !== 'none' || !!framed, isInside: place.right > 0 && place.left < innerWidth && place.bottom > 0 && place.top < innerHeight,
    top: place.top + scrollY, left: place.left, group: (one.closest('main') ?? one.closest('nav, header, footer'))?.tagName ?? '',
  };
}"""
REACHABLE = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(
  one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility() && one.type !== 'hidden'
    && !(one.type === 'radio' && !one.checked)).map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def clinic(demo: Demo) -> Iterator[Demo]:
    """The demo, from which the second source is deleted again, and what the test adds there taken back."""
    yield demo
    with demo.connect("demo-source", "lindenhof") as owner:
        owner.execute("ALTER TABLE pharmacy.prescriptions DROP COLUMN IF EXISTS is_off_label")
    demo.verb("delete", "lindenhof", "--yes")


def test_a_newcomer_adds_the_second_source_finds_a_table_and_sees_it_change(page: Page, clinic: Demo) -> None:
    sign_in(page, clinic)
    # The first page says what to fill in, the terminal the password.
    expect(page.get_by_role("heading", name="A second source to try")).to_be_visible()
    values = [page.locator(f"#offer-{number}").inner_text() for number in (1, 2, 3, 4)]
    page.get_by_role("link", name="Add it").click()
    for label, value in zip(("Name", "Host", "Databases", "Role"), values, strict=True):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Password").fill((clinic.home / "secrets" / "demo-clinic-reader.password").read_text())
    page.get_by_role("button", name="Add and test").click()
    expect(page.get_by_text("lindenhof_reader").first).to_be_visible()
    expect(page.get_by_text("Connects")).to_be_visible(timeout=RUN_MILLISECONDS)

    page.get_by_role("button", name="Extract now").click()
    expect(page.get_by_role("row", name=re.compile("Complete.*new", re.S)).first).to_be_visible(
        timeout=RUN_MILLISECONDS
    )
    expect(page.locator(".stands .state")).to_have_text("Extracted")

    page.goto("/")
    expect(page.get_by_role("heading", name="A second source to try")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("prescritpions", delay=30)
    expect(page.get_by_role("option", name=re.compile("prescriptions")).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("prescriptions")
    expect(page.get_by_text("What is to be given, how often and for how long.")).to_be_visible()
    expect(page.get_by_role("cell", name=re.compile("dose_unit")).first).to_be_visible()

    with clinic.connect("demo-source", "lindenhof") as owner:
        owner.execute("ALTER TABLE pharmacy.prescriptions ADD COLUMN is_off_label boolean")
    clinic.verb("extract", "lindenhof")
    page.reload()
    expect(page.get_by_role("cell", name=re.compile("is_off_label")).first).to_be_visible()
    page.get_by_role("link", name=re.compile("Changes")).first.click()
    expect(page.get_by_role("main")).to_contain_text("is_off_label")


def walk(page: Page, most: int = 400) -> list[dict[str, Any]]:
    """Press Tab until the focus has gone through the whole page, and return where it was."""
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at["isBody"] or any(one["number"] == at["number"] for one in stops):
            return stops
        stops.append(at)
    raise AssertionError("the focus goes round and round")


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/search/?q=customer",
        "/integrations/",
        "/integrations/add/postgres/",
        "/settings/",
        "/promises",
        "harbour",
        "orders",
    ],
)
def test_every_action_is_reached_by_tab_and_seen(page: Page, demo: Demo, address: str) -> None:
    sign_in(page, demo)
    if address == "harbour":
        page.goto("/integrations/")
        page.get_by_role("link", name="harbour").first.click()
    elif address == "orders":
        page.goto("/search/?q=harbour.harbour.sales.orders")
        page.locator("a.result").first.click()
    else:
        page.goto(address)
    page.wait_for_load_state()
    wanted = page.evaluate(REACHABLE)
    page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges(); scrollTo(0, 0)")
    page.locator("a.skip").focus()
    stops = [page.evaluate(FOCUSED), *walk(page)]
    assert [one["says"] for one in stops if not one["isSeen"]] == []
    assert [one["says"] for one in stops if not one["isInside"]] == []
    assert set(wanted) - {one["says"] for one in stops} == set()
    # As one reads: the navigation, the top, the content, each of them once.
    groups = [one["group"] for one in stops]
    assert len([one for one, before in zip(groups, ["", *groups], strict=False) if one != before]) <= 5, (
        groups
    )


def test_the_skip_link_leads_past_the_navigation(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.goto("/integrations/")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    expect(page.locator("a.skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_list_that_is_narrowed_keeps_the_focus_in_its_field(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.goto("/search/?q=harbour.harbour.sales")
    page.locator("a.result").first.click()
    field = page.get_by_label("Filter by name")
    field.focus()
    page.keyboard.type("cust", delay=60)
    expect(page.get_by_text(re.compile("[0-9]+ fits?$"))).to_be_visible()
    expect(page.get_by_label("Filter by name")).to_be_focused()
    expect(page.get_by_label("Filter by name")).to_have_value("cust")
    page.keyboard.type("o", delay=60)
    expect(page.get_by_label("Filter by name")).to_have_value("custo")
