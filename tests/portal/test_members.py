"""Members and sessions as pages: who is offered what, what a removal says and does, and where one is signed in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fanlight.core.actors import Actor
from fanlight.foundation import clock
from fanlight.organizations import queries
from tests.conftest import World
from tests.portal.addresses import NOBODY


def _members(world: World) -> dict[Any, str]:
    return {one.person_id: one.role.value for one in queries.members(world.alice)}


def test_a_viewer_sees_who_is_here_and_is_offered_to_leave(world: World, browse: Any) -> None:
    page = browse(world.bob).get("/members/").content.decode()
    assert world.email(world.alice) in page
    assert f'/members/{world.bob.person_id}/remove/"' in page
    assert f'/members/{world.alice.person_id}/remove/"' not in page
    assert "/role/" not in page
    assert "Receipts" not in page


def test_a_viewer_cannot_post_what_is_not_offered(world: World, browse: Any) -> None:
    bob = browse(world.bob)
    assert bob.post(f"/members/{world.alice.person_id}/remove/").status_code == 403
    assert bob.post(f"/members/{world.bob.person_id}/role/", {"role": "administrator"}).status_code == 403
    assert _members(world)[world.bob.person_id] == "viewer"


def test_an_administrator_changes_a_role(world: World, browse: Any) -> None:
    alice = browse(world.alice)
    answer = alice.post(f"/members/{world.bob.person_id}/role/", {"role": "editor"})
    assert answer["Location"] == "/members/?saved"
    assert _members(world)[world.bob.person_id] == "editor"
    assert "Saved." in alice.get("/members/?saved").content.decode()


@pytest.mark.parametrize(("role", "status"), [("owner", 400), ("viewer", 409)])
def test_a_role_that_cannot_be_says_why_and_changes_nothing(
    world: World, browse: Any, role: str, status: int
) -> None:
    answer = browse(world.alice).post(f"/members/{world.alice.person_id}/role/", {"role": role})
    assert answer.status_code == status
    assert 'role="alert"' in answer.content.decode()
    assert _members(world)[world.alice.person_id] == "administrator"


def test_a_removal_is_asked_about_and_then_done_with_a_receipt(world: World, browse: Any) -> None:
    alice, bob = browse(world.alice), browse(world.bob)
    at = f"/members/{world.bob.person_id}/remove/"
    question = alice.get(at).content.decode()
    assert "Firefox on Linux" in question
    assert bob.get("/").status_code == 200
    receipt = alice.post(at)["Location"]
    assert receipt.startswith("/members/receipts/")
    page = alice.get(receipt).content.decode()
    assert "is out" in page
    assert "Firefox on Linux" in page
    assert "none yet" in page
    assert bob.get("/")["Location"] == "/sign-in/"
    assert "none yet" not in alice.get(receipt).content.decode()
    assert receipt in alice.get("/members/").content.decode()


def test_the_first_try_afterwards_is_noted_once(world: World, browse: Any) -> None:
    alice, bob = browse(world.alice), browse(world.bob)
    alice.post(f"/members/{world.bob.person_id}/remove/")
    assert queries.receipts(world.alice)[0].refused_at is None
    assert bob.get("/")["Location"] == "/sign-in/"
    noted = queries.receipts(world.alice)[0].refused_at
    assert noted is not None
    assert bob.get("/integrations/").status_code == 302
    assert queries.receipts(world.alice)[0].refused_at == noted


def test_who_leaves_is_led_out(world: World, browse: Any) -> None:
    bob = browse(world.bob)
    assert "Leave this organization?" in bob.get(f"/members/{world.bob.person_id}/remove/").content.decode()
    assert bob.post(f"/members/{world.bob.person_id}/remove/")["Location"] == "/sign-in/?left"
    assert world.bob.person_id not in _members(world)


def test_the_last_administrator_is_told_why_not(world: World, browse: Any) -> None:
    answer = browse(world.alice).post(f"/members/{world.alice.person_id}/remove/")
    assert answer.status_code == 409
    assert "Make somebody else an administrator first." in answer.content.decode()


def test_another_organizations_member_is_nobody_here(world: World, browse: Any) -> None:
    alice = browse(world.alice)
    foreign = alice.get(f"/members/{world.charlie.person_id}/remove/")
    nobody = alice.get(f"/members/{NOBODY}/remove/")
    pages = [
        re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", one.content) for one in (foreign, nobody)
    ]
    assert (foreign.status_code, nobody.status_code) == (404, 404)
    assert pages[0] == pages[1]


def _sessions(actor: Actor) -> list[Any]:
    assert actor.person_id is not None
    return queries.sessions(actor, actor.person_id, now=clock.now())


def test_one_sees_where_one_is_signed_in_and_ends_it(world: World, browse: Any) -> None:
    here, there = browse(world.bob), browse(world.bob)
    page = here.get("/sessions/").content.decode()
    assert page.count("Firefox on Linux") >= 2
    assert "this one" in page
    assert "192.0.2.7" in page
    first, second = (one.id for one in _sessions(world.bob))
    for ident in (first, second):
        if f"/sessions/{ident}/end/" in page:
            assert here.post(f"/sessions/{ident}/end/")["Location"] == "/sessions/?ended=one"
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def test_all_others_end_by_one_button(world: World, browse: Any) -> None:
    here, there, elsewhere = (browse(world.bob) for _ in range(3))
    assert here.post("/sessions/end/")["Location"] == "/sessions/?ended=others"
    assert [one.get("/").status_code for one in (here, there, elsewhere)] == [200, 302, 302]


def test_a_page_that_asks_by_itself_does_not_keep_a_session_open(world: World, browse: Any) -> None:
    bob = browse(world.bob)
    with world.catalogue.connect("postgres") as admin:
        admin.execute(
            "UPDATE organizations_membersession SET used_at = used_at - interval '10 minutes' WHERE person_id = %s",
            [world.bob.person_id],
        )
    before = _sessions(world.bob)[0].used_at
    bob.get("/integrations/", headers={"HX-Request": "true", "HX-Trigger": "sources"})
    assert _sessions(world.bob)[0].used_at == before
    bob.get("/integrations/")
    assert _sessions(world.bob)[0].used_at > before


def test_signing_out_ends_the_session_itself(world: World, browse: Any) -> None:
    bob = browse(world.bob)
    bob.post("/sign-out/")
    assert _sessions(world.bob) == []


def test_signing_in_by_a_link_opens_a_session(world: World, stranger: Any) -> None:
    from fanlight.organizations import services

    link = services.issue_sign_in_link(
        actor=Actor.operator(world.a), email=world.email(world.bob), now=clock.now()
    )
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"
    stranger.post(f"/sign-in/{link.token}/", headers={"user-agent": agent})
    assert stranger.get("/").status_code == 200
    (session,) = _sessions(world.bob)
    assert (session.device, session.way) == ("Chrome on Windows", "link")


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("", "another program"),
        ("curl/8.1", "another program"),
        ("<script>alert(1)</script> Firefox/140", "Firefox"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
    ],
)
def test_of_what_a_browser_says_of_itself_only_words_of_ours_are_kept(agent: str, said: str) -> None:
    from django.test import RequestFactory

    from fanlight.portal.devices import browser_of

    assert browser_of(RequestFactory().get("/", headers={"user-agent": agent})).device == said
