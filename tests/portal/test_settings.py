"""The settings' simple forms."""

from __future__ import annotations

import secrets
from typing import Any

from tests.conftest import World


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_administrator_renames_the_organization(world: World, browse: Any) -> None:
    alice, name = browse(world.alice), f"Quay & Sons {secrets.token_hex(4)}"
    assert alice.post("/settings/organization/", {"organization": name}).status_code == 302
    assert name.replace("&", "&amp;") in text(alice.get("/settings/?saved=organization"))


def test_a_bad_or_taken_name_is_said_and_kept_in_the_field(world: World, browse: Any) -> None:
    alice, charlie = browse(world.alice), browse(world.charlie)
    answer = alice.post("/settings/organization/", {"organization": " "})
    assert answer.status_code == 400
    assert "1 to 200" in text(answer)
    name = f"Taken {secrets.token_hex(4)}"
    charlie.post("/settings/organization/", {"organization": name})
    answer = alice.post("/settings/organization/", {"organization": name})
    assert answer.status_code == 409
    assert f'value="{name}"' in text(answer)


def test_everybody_may_change_their_own_name(world: World, browse: Any) -> None:
    bob = browse(world.bob)
    assert bob.post("/settings/name/", {"name": "Robert <b>"}).status_code == 302
    assert "Robert &lt;b&gt;" in text(bob.get("/"))
    answer = bob.post("/settings/name/", {"name": "x" * 300})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in text(answer)


def test_members_are_those_of_this_organization(world: World, browse: Any) -> None:
    page = text(browse(world.bob).get("/members/"))
    assert world.email(world.alice) in page
    assert world.email(world.charlie) not in page
