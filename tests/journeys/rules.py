"""The rules of axe-core, run in a page."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from tests.journeys.npm import installed

# Everything that axe knows of, not only what a law asks for.
EVERYTHING = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
COLOURS = "async () => (await axe.run(document, {runOnly: ['color-contrast']})).violations"


def bring(context: BrowserContext) -> None:
    """Have every page of a browser's context know the rules."""
    context.add_init_script((installed("axe") / "axe-core" / "axe.min.js").read_text("utf-8"))


def what_breaks(page: Page) -> list[str]:
    """Return what is found: everything in light, and colours again in dark."""
    page.emulate_media(color_scheme="light")
    found = page.evaluate(EVERYTHING)
    page.emulate_media(color_scheme="dark")
    found += page.evaluate(COLOURS)
    page.emulate_media(color_scheme="light")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
