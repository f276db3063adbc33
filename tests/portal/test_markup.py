"""The pages themselves: no inline script or style, nothing from elsewhere, names for everything, no secrets."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from fanlight.core.actors import Actor
from fanlight.tenancy import queries as tenancy
from tests.conftest import World
from tests.portal.addresses import PUBLIC_PAGES, addresses, pages, pages_when_altered, pages_when_held
from tests.portal.conftest import PASSWORD, Filled, alter, hold

URLS = {"href", "src", "action", "formaction", "hx-get", "hx-post"}


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: Counter[str] = Counter()
        self.labelled: set[str] = set()
        self._open: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self._open.append(tag)
        if identifier := found.get("id"):
            self.ids[identifier] += 1
        if tag == "label" and (target := found.get("for")):
            self.labelled.add(target)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style") and data.strip():
            self.inline.append(data)


def texts(world: World, filled: Filled, browse: Any) -> list[tuple[str, str]]:
    """Return the text of every page that a member can see, those included that a held run shows."""
    alice = browse(world.alice)
    found = [(address, alice.get(address).content.decode()) for address in pages(filled)]
    alter(world, filled)
    found += [
        (f"{address} when altered", alice.get(address).content.decode())
        for address in pages_when_altered(filled)
    ]
    held = pages_when_held(filled, hold(world, filled))
    return found + [(f"{address} when held", alice.get(address).content.decode()) for address in held]


def every(world: World, filled: Filled, browse: Any, stranger: Client) -> list[tuple[str, Page]]:
    found = [(address, Page(text)) for address, text in texts(world, filled, browse)]
    bare = ("/sign-in/", "/sign-in/?left", "/sign-in/?next=/browse/", f"/sign-in/{'A' * 43}/", *PUBLIC_PAGES)
    return found + [(address, Page(stranger.get(address).content.decode())) for address in bare]


def test_no_page_has_inline_script_or_style(
    world: World, filled: Filled, browse: Any, stranger: Client
) -> None:
    for address, page in every(world, filled, browse, stranger):
        assert not page.inline, address
        for tag, found in page.tags:
            assert tag != "style", address
            assert tag != "script" or found.get("src"), address
            for name in found:
                assert name != "style", (address, tag)
                assert not name.startswith(("on", "hx-on")), (address, tag, name)


def test_pages_take_nothing_from_elsewhere(
    world: World, filled: Filled, browse: Any, stranger: Client
) -> None:
    for address, page in every(world, filled, browse, stranger):
        for tag, found in page.tags:
            for name in URLS & set(found):
                target = found[name] or ""
                assert target.startswith(("/", "#", "?")) or not target, (address, tag, target)
                assert not target.startswith("//"), (address, target)


def test_everything_has_a_name_and_ids_are_unique(
    world: World, filled: Filled, browse: Any, stranger: Client
) -> None:
    for address, page in every(world, filled, browse, stranger):
        assert [one for one, count in page.ids.items() if count > 1] == [], address
        for tag, found in page.tags:
            if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
                assert found["id"] in page.labelled, (address, found)
            if tag == "progress":
                assert found.get("aria-label"), address
            for name in ("aria-describedby", "aria-controls", "for"):
                assert not found.get(name) or found[name] in page.ids, (address, found[name])
        if any(tag == "html" for tag, _ in page.tags):
            assert sum(tag == "h1" for tag, _ in page.tags) == 1, address
            assert any(tag == "main" for tag, _ in page.tags), address


def test_forms_that_change_something_carry_their_token(world: World, filled: Filled, browse: Any) -> None:
    for address, page in texts(world, filled, browse):
        assert page.count('method="post"') == page.count("csrfmiddlewaretoken"), address


def test_no_page_shows_a_password(world: World, filled: Filled, browse: Any) -> None:
    for address, page in texts(world, filled, browse):
        assert PASSWORD not in page, address


def test_hostile_names_are_printed_and_not_obeyed(world: World, filled: Filled, browse: Any) -> None:
    for address, page in texts(world, filled, browse):
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address
        assert "<b onclick" not in page, address
        assert "<sad>" not in page, address
        assert "<b onclick" not in page, address


def test_no_page_that_lists_names_of_a_source_lets_one_turn_the_text(
    world: World, filled: Filled, browse: Any
) -> None:
    for address, page in texts(world, filled, browse):
        assert "\u202e" not in page, address


def test_a_name_cannot_turn_the_reading_direction(world: World, filled: Filled, browse: Any) -> None:
    hostile = next(ident for locator, ident in filled.assets.items() if "script" in locator)
    page = browse(world.alice).get(f"/assets/{hostile}/").content.decode()
    assert "\u202e" not in page
    assert "\\u202egnitrats" in page


def test_fragments_are_fragments(world: World, filled: Filled, browse: Any) -> None:
    alice = browse(world.alice)
    for name in ("search", "search-hits", "integrations", "integration-state", "integration-script"):
        answer = alice.get(addresses(filled)[name], headers={"HX-Request": "true"})
        assert answer.status_code == 200, name
        assert b"<html" not in answer.content, name
        assert "HX-Request" in answer.get("Vary", "") or name not in ("search", "integrations")


def test_templates_never_switch_escaping_off() -> None:
    from importlib import resources

    room = resources.files("fanlight.portal")
    for folder in ("templates/portal", "templates/portal/parts"):
        for file in room.joinpath(folder).iterdir():
            if file.name.endswith(".html"):
                text = file.read_text("utf-8")
                assert "|safe" not in text, file.name
                assert "autoescape" not in text, file.name


def test_a_part_that_is_kept_for_everybody_is_given_nothing_but_its_values(
    world: World, filled: Filled, browse: Any
) -> None:
    from django.template import engines

    text = '{% same "portal/parts/rail.html" section="browse" organization="<Here>" %}'
    template = engines["django"].from_string(text)
    first = template.render({"attention": 7, "section": "home", "frame": {"organization": "elsewhere"}})
    assert template.render({}) == first
    assert "&lt;Here&gt;" in first
    assert "elsewhere" not in first
    assert "tally-note warn" not in first


def test_the_rail_is_each_organizations_own(world: World, filled: Filled, browse: Any) -> None:
    for actor, other in ((world.alice, world.charlie), (world.charlie, world.alice)):
        page = browse(actor).get("/").content.decode()
        own, others = (name_of(one) for one in (actor, other))
        assert f"<bdi>{own}</bdi>" in page
        assert others not in page


def name_of(actor: Actor) -> str:
    return tenancy.organization(actor.organization_id).name
