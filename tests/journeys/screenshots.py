"""Make a picture of every page in every state, and a page of them: `make screenshots`.

usage: python -m tests.journeys.screenshots [--into build/screenshots] [--tables 100000] [--beside HOME] [--only WORD]
--beside: take a running demo that `make_states` has filled, by what its `--json` line said, instead of starting one.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys import looks, rules, states
from tests.journeys.demo import CHROMIUM, Demo, started
from tests.journeys.sessions import Sessions

TALLEST = 3_000
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@dataclass(frozen=True)
class Way:
    """A way of looking. context: options of the browser's context. is_tried: by the rules of axe-core, too."""

    name: str
    context: dict[str, Any]
    is_print: bool = False
    is_tried: bool = False


WAYS = (
    Way("light", {"viewport": WIDE, "color_scheme": "light"}, is_tried=True),
    Way("dark", {"viewport": WIDE, "color_scheme": "dark"}),
    Way(
        "phone",
        {"viewport": PHONE, "color_scheme": "light", "has_touch": True, "is_mobile": True},
        is_tried=True,
    ),
    Way(
        "calm",
        {"viewport": WIDE, "color_scheme": "dark", "reduced_motion": "reduce", "forced_colors": "active"},
    ),
    Way("print", {"viewport": {"width": 794, "height": 1123}, "color_scheme": "dark"}, is_print=True),
)


def main() -> None:
    """Make them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--into", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--tables", type=int, default=states.VAST_TABLES)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--ways", nargs="*", default=[way.name for way in WAYS])
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    with _demo(asked.beside, asked.tables) as made, ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        gallery = Gallery(made.demo, browser, asked.into, [way for way in WAYS if way.name in asked.ways])
        wanted = [look for look in looks.looks(made, is_vast=asked.tables > 0) if asked.only in look.name]
        gallery.take(wanted)
        if any("running" in look.name for look in looks.while_running(made) if asked.only in look.name):
            gallery.take_running(made, asked.only)
        gallery.index()
        browser.close()


@contextmanager
def _demo(beside: Path | None, tables: int) -> Iterator[states.States]:
    if beside is not None:
        said = json.loads(beside.read_text())
        yield states.known(Demo(said["url"], said["sign_in"], Path(said["home"])))
        return
    with (
        tempfile.TemporaryDirectory(prefix="fanlight-looks-") as folder,
        started(Path(folder) / "home") as demo,
    ):
        yield states.make_states(demo, tables=tables)


class Gallery:
    """The pictures so far."""

    def __init__(self, demo: Demo, browser: Browser, into: Path, ways: list[Way]) -> None:
        self._demo = demo
        self._sessions = Sessions(demo, browser, prepare=rules.bring)
        self._into = into
        self._ways = ways
        self._names: list[str] = []

    def take(self, wanted: list[looks.Look]) -> None:
        """Take each of these in every way."""
        for way in self._ways:
            for look in wanted:
                with self._sessions.page(look.who, **way.context) as page:
                    self._take(page, look, way)
                if look.name == looks.SIGNED_OUT:
                    self._sessions.forget(look.who)
        self._names += [look.name for look in wanted]

    def take_running(self, made: states.States, only: str) -> None:
        """Take what is seen during a run, which a lock at the source holds up."""
        with (
            states.running(self._demo, "harbour") as halt,
            self._sessions.page(states.ADMINISTRATOR) as page,
        ):
            page.goto(f"/integrations/{made.ids['harbour']}/")
            page.get_by_role("button", name="Extract now").click()
            halt()
            page.get_by_role("heading", name="Running now").wait_for()
            self.take([look for look in looks.while_running(states.known(self._demo)) if only in look.name])

    def index(self) -> None:
        """Write the page of thumbnails."""
        rows = "".join(
            f"<h2>{html.escape(name)}</h2><p>"
            + "".join(
                f'<a href="{_file(name, way)}"><img src="{_file(name, way)}" alt="{way.name}" loading="lazy"></a>'
                for way in self._ways
            )
            for name in self._names
        )
        style = "body{font:14px system-ui;margin:24px}img{width:230px;height:180px;object-fit:cover;object-position:top;border:1px solid #999;margin:0 8px 8px 0}"
        page = f"<!doctype html><meta charset=utf-8><title>Every page</title><style>{style}</style>{rows}"
        (self._into / "index.html").write_text(page)
        print(f"{len(self._names)} pages in {len(self._ways)} ways: {self._into / 'index.html'}")

    def _take(self, page: Page, look: looks.Look, way: Way) -> None:
        page.goto(look.address)
        if look.act:
            look.act(page)
        if way.is_print:
            page.emulate_media(media="print")
        wide, height = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        size = way.context["viewport"]
        if wide > size["width"]:
            print(f"wider than its screen: {look.name}, {way.name}: {wide}")
        page.set_viewport_size({"width": size["width"], "height": min(max(height, size["height"]), TALLEST)})
        for said in rules.what_breaks(page) if way.is_tried else []:
            print(f"breaks a rule: {look.name}, {way.name}: {said}")
        page.screenshot(path=self._into / _file(look.name, way))


def _file(name: str, way: Way) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + f".{way.name}.png"


if __name__ == "__main__":
    main()
