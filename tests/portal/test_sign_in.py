"""Signing in by a link, and out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from fanlight.core.actors import Actor
from fanlight.foundation import clock
from fanlight.organizations import services as organizations
from tests.conftest import World


@pytest.fixture
def link(world: World) -> str:
    with world.as_worker():
        issued = organizations.issue_sign_in_link(
            actor=Actor.operator(world.a), email=world.email(world.alice), now=clock.now()
        )
    return f"/sign-in/{issued.token}/"


def test_looking_at_a_link_does_not_use_it_up(link: str, stranger: Client) -> None:
    for _ in range(3):
        assert stranger.get(link).status_code == 200
        assert stranger.head(link).status_code == 200
    assert stranger.post(link).status_code == 302
    assert stranger.get("/").status_code == 200


def test_a_link_works_once(link: str, stranger: Client) -> None:
    stranger.post(link)
    stranger.cookies.clear()
    answer = stranger.post(link)
    assert answer.status_code == 403
    assert b"does not work any more" in answer.content
    assert stranger.get("/").status_code == 302


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000, "%00", "ü" * 43])
def test_a_made_up_link_is_refused_like_a_used_one(stranger: Client, token: str) -> None:
    answer = stranger.post(f"/sign-in/{token}/")
    assert answer.status_code == 403
    assert b"does not work any more" in answer.content


def test_an_old_link_is_refused(world: World, stranger: Client) -> None:
    with world.as_worker():
        issued = organizations.issue_sign_in_link(
            actor=Actor.operator(world.a),
            email=world.email(world.alice),
            now=clock.now() - timedelta(minutes=16),
        )
    assert stranger.post(f"/sign-in/{issued.token}/").status_code == 403


def test_signing_in_changes_the_sessions_key(world: World, link: str, browse: Any) -> None:
    alice = browse(world.alice)
    before = alice.cookies["__Host-fanlight"].value
    alice.post(link)
    assert alice.cookies["__Host-fanlight"].value != before


def test_a_link_replaces_another_persons_session(world: World, link: str, browse: Any) -> None:
    bob = browse(world.bob)
    assert world.email(world.bob) in bob.get(link).content.decode()
    bob.post(link)
    assert world.email(world.alice) in bob.get("/settings/").content.decode()


def test_the_cookies_are_for_this_host_over_tls_alone(link: str, stranger: Client) -> None:
    answer = stranger.post(link)
    cookie = answer.cookies["__Host-fanlight"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert cookie["samesite"] == "Lax"


def test_the_way_back_outlives_the_detour(link: str, stranger: Client) -> None:
    to_sign_in = stranger.get("/search/?q=orders")
    assert to_sign_in["Location"] == "/sign-in/?next=%2Fsearch%2F%3Fq%3Dorders"
    stranger.get(to_sign_in["Location"])
    assert stranger.post(link)["Location"] == "/search/?q=orders"


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "javascript:x",
        "\\/x",
        "/a\nb",
    ],
)
def test_the_way_back_never_leaves_the_site(link: str, stranger: Client, target: str) -> None:
    stranger.get("/sign-in/", {"next": target})
    assert stranger.post(link)["Location"] == "/"


def test_a_planted_way_back_never_leaves_the_site(link: str, stranger: Client) -> None:
    stranger.cookies["__Host-fanlight-next"] = "//elsewhere.example/"
    assert stranger.post(link)["Location"] == "/"


def test_the_address_of_a_link_is_not_handed_on(link: str, stranger: Client) -> None:
    # 'no-referrer' would hide it as well, and make browsers send 'Origin: null', which the form check refuses.
    assert stranger.get(link)["Referrer-Policy"] == "strict-origin"
    assert link not in stranger.get(link).content.decode()


def test_signing_out_ends_the_session(world: World, browse: Any) -> None:
    alice = browse(world.alice)
    answer = alice.post("/sign-out/")
    assert answer["Location"] == "/sign-in/?left"
    assert b"signed out" in alice.get(answer["Location"]).content
    assert alice.get("/").status_code == 302


def test_whoever_is_in_is_not_asked_to_sign_in(world: World, browse: Any) -> None:
    assert browse(world.alice).get("/sign-in/?next=/browse/")["Location"] == "/browse/"


def test_htmx_is_led_to_the_sign_in_page_and_back_to_the_page_it_was_on(stranger: Client) -> None:
    answer = stranger.get(
        "/integrations/",
        headers={"HX-Request": "true", "HX-Current-URL": "https://testserver/integrations/?a=1"},
    )
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fintegrations%2F%3Fa%3D1"
