"""Every address against a stranger, a viewer, and the administrator of another organization."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from fanlight.portal.urls import urlpatterns
from tests.conftest import World
from tests.portal.addresses import NOBODY, POST_ONLY, PUBLIC, addresses
from tests.portal.conftest import Filled, hold

FOR_MANAGERS = {
    "integration-choose",
    "integration-add",
    "integration-script",
    "integration-edit",
    "integration-schedule",
    "integration-delete",
    "run-approve",
    "receipt",
}
# What everybody may do about themselves.
OWN = {"sign-out", "settings-name", "sessions-end", "session-end"}
OF_ONE_THING = {
    "integration",
    "integration-state",
    "integration-edit",
    "integration-test",
    "integration-extract",
    "integration-json",
    "integration-pause",
    "integration-resume",
    "integration-schedule",
    "integration-credential",
    "integration-credential-script",
    "integration-delete",
    "run",
    "run-cancel",
    "run-approve",
    "browse-integration",
    "asset",
    "asset-part",
    "member-remove",
    "receipt",
}


def ask(client: Client, name: str, address: str) -> Any:
    return client.post(address) if name in POST_ONLY else client.get(address)


def test_every_route_is_in_the_table(filled: Filled) -> None:
    assert {one.name for one in urlpatterns} == set(addresses(filled)) | set(PUBLIC) | {
        "sign-in",
        "sign-in-link",
    }


def test_a_stranger_is_led_to_the_sign_in_page_from_everywhere(filled: Filled, stranger: Client) -> None:
    for name, address in addresses(filled).items():
        answer = ask(stranger, name, address)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/sign-in/"), name
        assert b"orders" not in answer.content


def test_a_stranger_is_told_nothing_by_whether_a_thing_exists(filled: Filled, stranger: Client) -> None:
    known = stranger.get(f"/integrations/{filled.integration_id}/")
    unknown = stranger.get(f"/integrations/{NOBODY}/")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


def test_a_stranger_may_not_post_anywhere(filled: Filled, stranger: Client) -> None:
    for name, address in addresses(filled).items():
        assert stranger.post(address, {"name": "x", "organization": "x"}).status_code == 302, name


def test_another_organization_is_told_that_there_is_no_such_thing(
    world: World, filled: Filled, browse: Any
) -> None:
    charlie = browse(world.charlie)
    for name in OF_ONE_THING:
        address = addresses(filled)[name]
        answer = ask(charlie, name, address)
        assert answer.status_code == 404, name
        own = {str(filled.integration_id), str(filled.run_id), *map(str, filled.assets.values())}
        own |= {str(filled.bob), str(filled.receipt_id)}
        unknown = ask(charlie, name, re.sub("|".join(own), str(NOBODY), address))
        assert _without_tokens(unknown.content) == _without_tokens(answer.content), name


def _without_tokens(page: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", page)


def test_another_organization_may_not_change_a_thing(world: World, filled: Filled, browse: Any) -> None:
    charlie = browse(world.charlie)
    sent = {"name": "taken", "host": "/srv/other", "databases": "x", "user": "u", "password": "p"}
    assert charlie.post(f"/integrations/{filled.integration_id}/edit/", sent).status_code == 404


def test_another_organization_finds_and_sees_nothing(world: World, filled: Filled, browse: Any) -> None:
    charlie = browse(world.charlie)
    for address in ("/", "/search/?q=orders", "/integrations/", "/browse/", "/settings/"):
        answer = charlie.get(address)
        assert answer.status_code == 200
        assert b"orders-prod" not in answer.content, address
        assert b"shop.sales" not in answer.content, address


def test_a_viewer_reads_every_page(world: World, filled: Filled, browse: Any) -> None:
    bob = browse(world.bob)
    for name, address in addresses(filled).items():
        if name not in FOR_MANAGERS | POST_ONLY | {"integration-state", "search-hits"}:
            assert bob.get(address).status_code == 200, name


def test_a_viewer_may_not_manage_sources(world: World, filled: Filled, browse: Any) -> None:
    bob = browse(world.bob)
    for name in FOR_MANAGERS | POST_ONLY - OWN:
        answer = ask(bob, name, addresses(filled)[name])
        assert answer.status_code == 403, name
        assert b"Ask an administrator" in answer.content, name


def test_a_viewer_is_offered_nothing_that_would_be_refused(world: World, filled: Filled, browse: Any) -> None:
    bob = browse(world.bob)
    at = f"/integrations/{filled.integration_id}/"
    run_id = hold(world, filled)
    seen = ("/", "/integrations/", at, f"{at}credential/", f"{at}runs/{run_id}/", "/settings/")
    refused = FOR_MANAGERS | POST_ONLY - OWN - {"run-approve", "run-cancel"}
    for address in seen:
        page = bob.get(address).content.decode()
        for name in refused:
            assert f'"{addresses(filled)[name]}"' not in page, (address, name)
        for forbidden in ("/cancel/", "/approve/"):
            assert forbidden not in page, (address, forbidden)


def test_what_a_viewer_is_not_offered_an_administrator_is(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    page = alice.get(at).content.decode()
    for act in ("pause", "extract", "edit", "schedule", "delete", "test"):
        assert f'"{at}{act}/"' in page, act
    alice.post(f"{at}extract/")
    assert "/cancel/" in alice.get(at).content.decode()


def test_an_editor_runs_and_pauses_and_does_no_more(world: World, filled: Filled, browse: Any) -> None:
    with world.catalogue.connect("postgres") as admin:
        admin.execute(
            "UPDATE organizations_membership SET role = 'editor' WHERE person_id = %s", [world.bob.person_id]
        )
    editor, at = browse(world.bob), f"/integrations/{filled.integration_id}/"
    run_id = hold(world, filled)
    page = editor.get(at).content.decode()
    assert f'"{at}pause/"' in page
    for act in ("edit", "schedule", "delete", "test"):
        assert f'"{at}{act}/"' not in page, act
    assert "/approve/" not in editor.get(f"{at}runs/{run_id}/").content.decode()
    assert editor.post(f"{at}pause/").status_code == 302
    assert f'"{at}resume/"' in editor.get(at).content.decode()
    assert editor.post(f"{at}resume/").status_code == 302
    assert editor.post(f"{at}extract/").status_code == 302
    assert editor.post(f"{at}delete/", {"name": "orders-prod"}).status_code == 403
    assert editor.post(f"{at}runs/{run_id}/approve/").status_code == 403
    assert editor.post(f"{at}schedule/", {"way": "manual"}).status_code == 403
    assert editor.post("/settings/excess/", {"on_excess": "refuse"}).status_code == 403


def test_a_former_member_is_a_stranger_at_once(world: World, filled: Filled, browse: Any) -> None:
    bob = browse(world.bob)
    assert bob.get("/").status_code == 200
    with world.catalogue.connect("postgres") as admin:
        admin.execute("DELETE FROM organizations_membership WHERE person_id = %s", [world.bob.person_id])
    assert bob.get("/")["Location"] == "/sign-in/"


def test_a_session_cannot_choose_an_organization_that_is_not_its_persons(world: World, browse: Any) -> None:
    bob = browse(world.bob)
    session = bob.session
    session["organization_id"] = str(world.b)
    session.save()
    assert bob.get("/")["Location"] == "/sign-in/"


@pytest.mark.parametrize("chosen", ["", "not-a-uuid", None])
def test_a_session_without_an_organization_is_a_strangers(
    world: World, browse: Any, chosen: str | None
) -> None:
    alice = browse(world.alice)
    session = alice.session
    session["organization_id"] = chosen
    session.save()
    assert alice.get("/")["Location"] == "/sign-in/"


def test_what_only_takes_a_post_says_so(world: World, filled: Filled, browse: Any) -> None:
    alice = browse(world.alice)
    for name in POST_ONLY:
        answer = alice.get(addresses(filled)[name])
        assert (answer.status_code, answer["Allow"]) == (405, "POST"), name


def test_a_form_from_elsewhere_is_refused(world: World, filled: Filled, browse: Any) -> None:
    client = browse(world.alice)
    client.handler.enforce_csrf_checks = True
    for name, address in addresses(filled).items():
        answer = client.post(address, headers={"referer": "https://elsewhere.example/"})
        assert answer.status_code == 403, name
        assert b"expired" in answer.content, name
    assert client.get("/").status_code == 200
