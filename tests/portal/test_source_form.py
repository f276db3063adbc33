"""Adding and changing a source, without any script."""

from __future__ import annotations

from typing import Any

import pytest

from fanlight.core.actors import Actor
from fanlight.integrations import queries as integrations
from fanlight.integrations.services import destination
from fanlight.integrations.types import TestState as State
from fanlight.vault import services as vault
from tests.conftest import World
from tests.portal.conftest import PASSWORD, Filled

ADD = "/integrations/add/postgres/"
GOOD = {
    "name": "orders-prod",
    "host": "/srv/socket",
    "port": "5432",
    "databases": "shop, crm",
    "user": "reader",
    "tls": "off",
    "ca": "",
    "password": PASSWORD,
}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_source_is_added_sealed_and_tested(world: World, browse: Any) -> None:
    alice = browse(world.alice)
    answer = alice.post(ADD, GOOD)
    assert answer.status_code == 302
    found = integrations.integration_named(world.alice, "orders-prod")
    assert answer["Location"] == f"/integrations/{found.id}/?saved"
    assert found.test_state is State.TESTING
    assert found.settings["databases"] == "shop, crm"
    assert PASSWORD not in str(found.settings)
    page = text(alice.get(answer["Location"]))
    assert "Waiting for the worker" in page
    assert "every 1s" in page
    with world.as_worker():
        leased = vault.lease_credential(
            actor=Actor.worker(world.a),
            integration_id=found.id,
            field="password",
            destination=destination(found.connector, found.settings),
            root_key=world.root_key,
        )
    assert leased == PASSWORD


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "Not A Name", "begins with a letter"),
        ("host", "two hosts", "not one name"),
        ("host", "", "is missing"),
        ("port", "70000", "1 to 65535"),
        ("databases", '"open', "list of names"),
        ("user", "", "is missing"),
        ("ca", "nonsense", "PEM"),
        ("tls", "maybe", "verify-full"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    world: World, browse: Any, field: str, value: str, words: str
) -> None:
    answer = browse(world.alice).post(ADD, GOOD | {field: value})
    page = text(answer)
    assert answer.status_code == 400
    assert words in page
    assert f'href="#field-{field}"' in page
    beside = page[page.index(f'id="help-{field}"') :].split("</p>")[0]
    assert words in beside.replace("&#x27;", "'")
    assert integrations.integrations(world.alice) == []


def test_what_was_typed_comes_back_except_the_password(world: World, browse: Any) -> None:
    page = text(browse(world.alice).post(ADD, GOOD | {"port": "x", "host": '"><script>'}))
    assert 'value="shop, crm"' in page
    assert "&quot;&gt;&lt;script&gt;" in page
    assert PASSWORD not in page


def test_a_taken_name_is_said_beside_the_name(world: World, browse: Any) -> None:
    alice = browse(world.alice)
    alice.post(ADD, GOOD)
    answer = alice.post(ADD, GOOD)
    assert answer.status_code == 409
    assert 'href="#field-name"' in text(answer)


def test_the_same_name_is_free_in_another_organization(world: World, browse: Any) -> None:
    browse(world.alice).post(ADD, GOOD)
    assert browse(world.charlie).post(ADD, GOOD).status_code == 302


def test_fields_that_the_connector_does_not_have_are_not_passed_on(world: World, browse: Any) -> None:
    answer = browse(world.alice).post(ADD, GOOD | {"organization_id": str(world.b), "options": "x"})
    assert answer.status_code == 302
    assert integrations.integrations(world.charlie) == []


def test_an_unknown_connector_is_not_found(world: World, browse: Any) -> None:
    assert browse(world.alice).get("/integrations/add/abacus/").status_code == 404


def test_the_script_follows_what_is_typed(world: World, browse: Any) -> None:
    alice = browse(world.alice)
    assert "With example names" in text(alice.get(ADD))
    answer = alice.get(
        ADD + "script/",
        {"host": "db", "databases": 'shop, "we,ird"', "user": "o'reader"},
        headers={"HX-Request": "true"},
    )
    page = text(answer)
    assert "GRANT CONNECT ON DATABASE &quot;shop&quot; TO &quot;o&#x27;reader&quot;" in page
    assert "&quot;we,ird&quot;" in page
    assert "For the names you entered" in page


def test_the_script_says_what_keeps_it_from_appearing(world: World, browse: Any) -> None:
    answer = browse(world.alice).get(ADD + "script/", {"databases": '"open'}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "appears when the settings fit" in text(answer)


def test_without_a_script_the_form_can_show_its_own(world: World, browse: Any) -> None:
    page = text(browse(world.alice).post(ADD, GOOD | {"preview": "1"}))
    assert "GRANT CONNECT ON DATABASE &quot;crm&quot;" in page
    assert PASSWORD not in page
    assert integrations.integrations(world.alice) == []


def test_editing_keeps_the_password_when_none_is_typed(world: World, browse: Any) -> None:
    alice = browse(world.alice)
    at = alice.post(ADD, GOOD)["Location"].split("?")[0]
    page = text(alice.get(at + "edit/"))
    assert 'value="shop, crm"' in page
    assert PASSWORD not in page
    answer = alice.post(at + "edit/", GOOD | {"name": "renamed", "databases": "shop", "password": ""})
    assert answer.status_code == 302
    found = integrations.integration_named(world.alice, "renamed")
    assert (found.settings["databases"], found.test_state) == ("shop", State.TESTING)
    with world.as_worker():
        leased = vault.lease_credential(
            actor=Actor.worker(world.a),
            integration_id=found.id,
            field="password",
            destination=destination(found.connector, found.settings),
            root_key=world.root_key,
        )
    assert leased == PASSWORD


def test_a_kept_password_is_not_sent_to_another_host(world: World, browse: Any) -> None:
    alice = browse(world.alice)
    at = alice.post(ADD, GOOD)["Location"].split("?")[0]
    answer = alice.post(at + "edit/", GOOD | {"host": "/srv/elsewhere", "password": ""})
    assert answer.status_code == 400
    assert 'href="#field-password"' in text(answer)


def test_settings_are_shown_without_the_secret(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.bob).get(f"/integrations/{filled.integration_id}/"))
    assert "/srv/socket" in page
    assert "It cannot be shown" in page
    assert PASSWORD not in page
