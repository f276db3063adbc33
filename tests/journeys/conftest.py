"""One demo for all journeys that a process of the tests makes, and a browser for each module of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.journeys.demo import CHROMIUM, Demo, started


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demo. Whoever changes things in it uses a source of its own."""
    with started(tmp_path_factory.mktemp("journeys") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium. No longer than a module: while it is there, Django takes the thread for an asynchronous one."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Any, demo: Demo) -> Iterator[Page]:
    """A tab whose console must stay silent: a refused script or style would be reported there."""
    context = browser.new_context(ignore_https_errors=True, base_url=demo.url)
    made = context.new_page()
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert complaints == []
