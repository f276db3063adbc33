"""Signed-in browsers of several people at one demo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.demo import Demo
from tests.journeys.states import NEWCOMER

ORGANIZATION, EMPTY = "Harbour Goods", "Empty"


class Sessions:
    """One sign-in a person, shared by all pages that are looked at as that person. prepare: called with each context."""

    def __init__(
        self, demo: Demo, browser: Browser, prepare: Callable[[BrowserContext], None] = lambda context: None
    ) -> None:
        self._demo = demo
        self._browser = browser
        self._prepare = prepare
        self._cookies: dict[str, Any] = {}
        self._contexts: dict[str, BrowserContext] = {}

    @contextmanager
    def page(self, who: str, **options: Any) -> Iterator[Page]:
        """Open a tab of a person, or of a stranger for ''. options: of the browser's context."""
        key = f"{who} {sorted(options.items())}"
        if key not in self._contexts:
            context = self._browser.new_context(ignore_https_errors=True, base_url=self._demo.url, **options)
            context.add_cookies(self.cookies(who))
            self._prepare(context)
            self._contexts[key] = context
        page = self._contexts[key].new_page()
        yield page
        page.close()

    def cookies(self, who: str) -> Any:
        """Return a person's cookies, signing in when need be."""
        if who and who not in self._cookies:
            self._cookies[who] = self._sign_in(who)
        return self._cookies.get(who, [])

    def forget(self, who: str) -> None:
        """Sign in anew next time."""
        self._cookies.pop(who, None)
        for key in [one for one in self._contexts if one.startswith(f"{who} ")]:
            self._contexts.pop(key).close()

    def _sign_in(self, who: str) -> Any:
        context = self._browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        organization = EMPTY if who == NEWCOMER else ORGANIZATION
        page.goto(self._demo.verb("sign-in", who, "--organization", organization))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(self._demo.url + "/")
        cookies = context.cookies()
        context.close()
        return cookies
