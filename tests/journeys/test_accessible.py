"""No page breaks a rule of axe-core, in either theme, in any state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys import looks, rules, states
from tests.journeys.demo import Demo, needs_chromium, started
from tests.journeys.npm import needs_npm
from tests.journeys.sessions import Sessions

pytestmark = [needs_chromium, needs_npm]
# Made of the same parts as others that are looked at. `make screenshots` looks at all of them, rules included.
ALIKE = re.compile(
    r"(harbour|rested|shrinking|locked-out|fresh), credential|run of (rested|locked-out)|viewer may not (add|approve)"
    r"|viewer, (home|settings)|another organization's table|wrong asset|enum|range|domain|rested|fresh"
    r"|promises(, one state|, none in a state)?|table, (indexes|triggers)|schema, functions|sign in first"
    r"|search, too long|empty organization /(settings|browse|integrations/add)/"
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo of its own: with two organizations, the others' verbs would ask which."""
    with started(tmp_path_factory.mktemp("accessible") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def made(demo: Demo) -> states.States:
    """The demo with a source in each state, without the one of very many tables."""
    return states.make_states(demo, tables=0)


@pytest.fixture(scope="module")
def sessions(browser: Any, made: states.States) -> Sessions:
    """Browsers of an administrator, a viewer, a newcomer and a stranger."""
    return Sessions(made.demo, browser, prepare=rules.bring)


def look_at(sessions: Sessions, wanted: list[looks.Look]) -> dict[str, list[str]]:
    """Return what is broken, by the name of the look."""
    found = {}
    for look in wanted:
        with sessions.page(look.who) as page:
            page.goto(look.address)
            if look.act:
                look.act(page)
            found[look.name] = rules.what_breaks(page)
        if look.name == looks.SIGNED_OUT:
            sessions.forget(look.who)
    return {name: said for name, said in found.items() if said}


def test_the_rules_would_find_something(sessions: Sessions) -> None:
    with sessions.page(looks.STRANGER) as page:
        page.goto("/sign-in/")
        page.evaluate("document.querySelector('h1').style.color = '#ddd'")
        page.evaluate("document.querySelector('main').append(document.createElement('input'))")
        said = " ".join(rules.what_breaks(page))
    assert "color-contrast" in said
    assert "label" in said


def test_no_page_breaks_a_rule(sessions: Sessions, made: states.States) -> None:
    wanted = [look for look in looks.looks(made, is_vast=False) if not ALIKE.fullmatch(look.name)]
    assert look_at(sessions, wanted) == {}


def test_no_page_breaks_a_rule_while_a_run_goes_on(sessions: Sessions, made: states.States) -> None:
    with states.running(made.demo, "harbour") as halt, sessions.page(states.ADMINISTRATOR) as page:
        page.goto(f"/integrations/{made.ids['harbour']}/")
        page.get_by_role("button", name="Extract now").click()
        halt()
        assert look_at(sessions, looks.while_running(states.known(made.demo))) == {}
