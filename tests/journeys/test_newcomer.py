"""A newcomer's first minutes, in a real browser: sign in, search, read a table, add a source, watch it run."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.demo import Demo, needs_chromium, sign_in

pytestmark = needs_chromium
PROVEN_SECONDS = 120  # the portal looks 20 s after its start, the worker at the next full minute


def test_the_printed_link_signs_in_once(page: Page, demo: Demo) -> None:
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="harbour").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/integrations/")
    assert "/sign-in/" in page.url


def test_a_table_is_found_as_one_types_and_read(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.goto("/integrations/")
    page.keyboard.press("/")
    page.keyboard.type("customer ord", delay=40)
    expect(page.get_by_role("option").first).to_be_visible()
    page.goto("/search/?q=sales.orders")
    page.get_by_role("link", name=re.compile("orders")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("orders")
    expect(page.get_by_role("cell", name="order_id").first).to_be_visible()
    expect(page.get_by_text("One row per order, from every channel.")).to_be_visible()


def test_a_function_is_found_and_shows_how_it_is_called(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/search/?q=orders_of")
    page.get_by_role("link", name=re.compile("orders_of")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("orders_of(bigint, date)")
    expect(page.get_by_text("DEFAULT (CURRENT_DATE - ?)")).to_be_visible()
    assert "flliteral_" not in page.content()
    page.get_by_role("link", name="sales.money_amount").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("money_amount")
    page.get_by_role("link", name="sales", exact=True).click()
    page.get_by_role("link", name=re.compile("^Functions")).click()
    expect(page.get_by_role("link", name="touch_updated_at()")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_source_is_added_tested_and_extracted(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.goto("/integrations/")
    page.get_by_role("link", name="harbour").first.click()
    socket = page.get_by_text(re.compile("/demo-source(/socket)?$")).first.inner_text()
    page.goto("/integrations/add/postgres/")
    page.get_by_label("Name", exact=True).fill("again")
    page.get_by_label("Host").fill(socket)
    page.get_by_label("Databases").fill("harbour")
    page.get_by_label("Role").fill("demo_reader")
    page.get_by_label("Password").fill((demo.home / "secrets" / "demo-source-reader.password").read_text())
    page.get_by_role("button", name=re.compile("Add")).click()
    expect(page.get_by_text("demo_reader").first).to_be_visible()
    expect(page.get_by_text(re.compile("PostgreSQL 18")).first).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Extract now").click()
    expect(page.get_by_text(re.compile(r"[0-9]{3} new")).first).to_be_visible(timeout=30_000)
    page.goto("/search/?q=again.harbour.sales.orders")
    expect(page.get_by_text("again.harbour.sales.orders", exact=True).first).to_be_visible()


def test_a_wrong_password_is_explained_and_can_be_mended(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.goto("/integrations/add/postgres/")
    page.get_by_label("Name", exact=True).fill("wrong")
    page.get_by_label("Host").fill("127.0.0.1")
    page.get_by_label("Port").fill("1")
    page.get_by_label("Databases").fill("harbour")
    page.get_by_label("Role").fill("demo_reader")
    page.get_by_label("TLS").select_option("off")
    page.get_by_label("Password").fill("canary-password")
    page.get_by_role("button", name=re.compile("Add")).click()
    expect(page.get_by_text(re.compile("source.unreachable|did not answer")).first).to_be_visible(
        timeout=30_000
    )
    assert "canary-password" not in page.content()
    expect(page.get_by_role("link", name=re.compile("Edit|Change")).first).to_be_visible()


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/integrations/",
        "/search/?q=customer",
        "/settings/",
        "/promises",
        "/promises/statements/postgres/",
        "/integrations/add/postgres/",
    ],
)
def test_no_page_is_wider_than_a_phone(browser: Any, demo: Demo, address: str) -> None:
    context = browser.new_context(
        ignore_https_errors=True, base_url=demo.url, viewport={"width": 360, "height": 740}
    )
    phone = context.new_page()
    sign_in(phone, demo)
    phone.goto(address)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_the_promises_prove_themselves_and_a_stranger_may_look(browser: Any, demo: Demo) -> None:
    context = browser.new_context(
        ignore_https_errors=True,
        base_url=demo.url,
        color_scheme="dark",
        viewport={"width": 1280, "height": 900},
    )
    stranger = context.new_page()
    until = time.monotonic() + PROVEN_SECONDS
    while True:
        rows = context.request.get("/.well-known/promises.json").json()
        proven = {row["id"] for row in rows if row["state"] == "proven"}
        if proven >= {"R1", "R2", "R3", "D3", "W2", "W3"} or time.monotonic() > until:
            break
        time.sleep(1)
    assert proven == {"R1", "R2", "R3", "D3", "W2", "W3"}, rows
    assert {row["state"] for row in rows} == {"proven", "not claimed"}
    (searched,) = [row["evidence"] for row in rows if row["id"] == "W3"]
    assert searched["on"]["log files searched"] > 0
    assert searched["findings"] == []
    stranger.goto("/promises")
    expect(stranger.get_by_role("heading", name="Promises", exact=True)).to_be_visible()
    expect(stranger.locator(".promise .state.good")).to_have_count(6)
    stranger.get_by_role("link", name=re.compile("Not claimed")).first.press("Enter")
    expect(stranger.locator(".promise .state.good")).to_have_count(0)
    expect(stranger.locator(".promise")).to_have_count(19)
    stranger.goto("/promises#R2")
    stranger.locator("#R2 summary").press("Enter")
    stranger.get_by_role("link", name="Every statement that can be sent to PostgreSQL").first.press("Enter")
    expect(stranger.get_by_role("heading", name="What is sent to PostgreSQL")).to_be_visible()
    assert "Harbour" not in stranger.content()
    context.close()
