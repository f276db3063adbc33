"""What a credential could do: the sentence with its colour, the rights, the changes, the script, the policy."""

from __future__ import annotations

from typing import Any

import pytest

from fanlight.connectors.types import Privileges, Right, RightLevel
from fanlight.extraction.models import Run
from fanlight.integrations import queries as integrations
from fanlight.integrations.types import OnExcess
from fanlight.tenancy import services as tenancy
from tests.conftest import World
from tests.portal.conftest import HARMLESS, Filled, fill, note_privileges, on_table, privileges
from tests.portal.sample import LONG, TRICK

HX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def plain(world: World) -> Filled:
    """A source at whose credential nobody has looked yet."""
    return fill(world, [])


@pytest.mark.parametrize(
    ("found", "tone"),
    [
        (HARMLESS, "good"),
        (privileges(on_table("orders", "SELECT", RightLevel.READ), sentence="Can read 1 table"), "still"),
        (
            privileges(
                Right(RightLevel.READ, "sequence", ("shop", "sales", "s"), ("SELECT",)),
                sentence="Can read 1 sequence",
            ),
            "still",
        ),
        (privileges(on_table("orders"), sentence="Can write 1 table"), "warn"),
        (privileges(sentence="Cannot read data; nobody knows the rest", unknown=("tables",)), "warn"),
    ],
)
def test_the_sentence_stands_with_its_colour_in_every_place(
    world: World, plain: Filled, browse: Any, found: Privileges, tone: str
) -> None:
    note_privileges(world, plain, found)
    at = f"/integrations/{plain.integration_id}/"
    gist = found.sentence.replace("; nobody knows the rest", ", and more")
    for address, said in (
        ("/", gist),
        ("/integrations/", gist),
        (at, found.sentence),
        (f"{at}credential/", found.sentence),
    ):
        page = text(browse(world.bob).get(address))
        assert f'<span class="state long {tone}">{said}</span>' in page, address


def test_before_anybody_looked_it_is_not_known_and_never_green(
    world: World, plain: Filled, browse: Any
) -> None:
    at = f"/integrations/{plain.integration_id}/"
    for address in ("/", "/integrations/", at):
        page = text(browse(world.bob).get(address))
        assert "ot known yet" in page, address
        assert "state long good" not in page, address
    assert "Nobody has looked yet" in text(browse(world.bob).get(f"{at}credential/"))
    assert browse(world.bob).get(f"{at}credential/script.sql").status_code == 404


def test_rights_are_listed_by_level_with_who_holds_them(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.bob).get(f"/integrations/{filled.integration_id}/credential/"))
    beyond = page[page.index('id="write"') : page.index('id="read"')]
    reading = page[page.index('id="read"') : page.index('id="public"')]
    public = page[page.index('id="public"') :]
    assert "Beyond reading: 5 rights" in beyond
    assert "shop.sales.orders" in beyond
    assert "&lt;b onclick&gt;team" in beyond
    assert "every role" in beyond
    assert "(int4, sales.&quot;&lt;img src=x&gt;&quot;)" in beyond
    assert "SELECT" in reading
    assert "TEMPORARY" in public


def test_when_it_was_looked_at_and_by_what_is_said(world: World, filled: Filled, browse: Any) -> None:
    bob, at = browse(world.bob), f"/integrations/{filled.integration_id}/"
    assert f'href="{at}runs/{filled.run_id}/">a run</a>' in text(bob.get(f"{at}credential/"))
    with world.as_worker(), tenancy.scope(world.a):
        Run.objects.filter(organization_id=world.a, id=filled.run_id).update(purpose="test")
    assert ">a test of the connection</a>" in text(bob.get(f"{at}credential/"))


def test_what_changed_since_the_look_before_is_told(world: World, plain: Filled, browse: Any) -> None:
    bob, at = browse(world.bob), f"/integrations/{plain.integration_id}/credential/"
    note_privileges(world, plain, privileges(on_table("orders"), on_table("kept")))
    assert "Changed" not in text(bob.get(at))
    note_privileges(world, plain, privileges(on_table("customers"), on_table("kept")))
    page = text(bob.get(at))
    changed = page[page.index("Changed") : page.index('id="write"')]
    assert "1 right gained, 1 right lost" in changed
    assert "customers" in changed
    assert "orders" in changed
    assert "kept" not in changed


def test_many_rights_come_in_pages(world: World, plain: Filled, browse: Any) -> None:
    found = privileges(*[on_table(f"t{place:03}") for place in range(230)])
    note_privileges(world, plain, found)
    bob, at = browse(world.bob), f"/integrations/{plain.integration_id}/credential/"
    page = text(bob.get(at))
    assert ">shop.sales.t099</bdi>" in page
    assert ">shop.sales.t100</bdi>" not in page
    assert "?level=write&amp;from=100#write" in page
    rows = text(bob.get(f"{at}?level=write&from=200", headers=HX))
    assert rows.startswith("<tr>")
    assert ">shop.sales.t229</bdi>" in rows
    assert "Show more" not in rows
    assert "nothing further" in text(bob.get(f"{at}?level=write&from=900"))
    for nonsense in ("?level=write&from=x", "?level=none&from=5", "?level=write&from=99999999999"):
        assert ">shop.sales.t000</bdi>" in text(bob.get(at + nonsense))


def test_the_script_is_shown_and_handed_out(world: World, plain: Filled, browse: Any) -> None:
    note_privileges(world, plain, privileges(on_table("orders")))
    bob, at = browse(world.bob), f"/integrations/{plain.integration_id}/credential/"
    page = text(bob.get(at))
    assert "REVOKE INSERT ON TABLE &quot;sales&quot;.&quot;orders&quot; FROM &quot;reader&quot;;" in page
    assert 'data-copy="script-text"' in page
    answer = bob.get(at + "script.sql")
    assert answer["Content-Type"] == "application/sql; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="orders-prod-remove-excess.sql"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    script = text(answer)
    assert script.startswith("-- Takes from the role")
    assert 'REVOKE INSERT ON TABLE "sales"."orders" FROM "reader";' in script
    assert bob.head(at + "script.sql").status_code == 200


def test_a_harmless_credential_has_no_script(world: World, plain: Filled, browse: Any) -> None:
    note_privileges(world, plain, HARMLESS)
    bob, at = browse(world.bob), f"/integrations/{plain.integration_id}/credential/"
    assert "script-text" not in text(bob.get(at))
    assert bob.get(at + "script.sql").status_code == 404


def test_names_that_hide_text_are_numbers_in_the_script(world: World, filled: Filled, browse: Any) -> None:
    bob, at = browse(world.bob), f"/integrations/{filled.integration_id}/credential/"
    page, script = text(bob.get(at)), text(bob.get(at + "script.sql"))
    assert 'data-copy="script-text"' in page
    assert "U&amp;&quot;\\+00202Egnitrats&quot;" in page
    assert 'U&"\\+00202Egnitrats"' in script
    assert "\u202e" not in script
    assert LONG in script


def test_where_a_script_cannot_be_shown_as_it_is_only_the_file_is_exact(
    world: World, plain: Filled, browse: Any
) -> None:
    # psql's own commands know no numbers for signs: there the name of a database stands as it is.
    note_privileges(world, plain, privileges(on_table("orders")), database=TRICK)
    bob, at = browse(world.bob), f"/integrations/{plain.integration_id}/credential/"
    page = text(bob.get(at))
    assert "\u202e" not in page
    assert "\\u202egnitrats" in page
    assert 'data-copy="script-text"' not in page
    assert "The file has them as they are" in page
    assert TRICK in text(bob.get(at + "script.sql"))


def test_the_policy_is_said_and_only_administrators_change_it(
    world: World, filled: Filled, browse: Any
) -> None:
    alice, bob = browse(world.alice), browse(world.bob)
    at = f"/integrations/{filled.integration_id}/credential/"
    assert "<b>warns</b>" in text(bob.get(at))
    assert "Warned about." in text(bob.get("/settings/"))
    assert 'name="on_excess"' not in text(bob.get("/settings/"))
    assert alice.post("/settings/excess/", {"on_excess": "refuse"})["Location"].startswith("/settings/?saved")
    assert integrations.on_excess(world.alice) is OnExcess.REFUSE
    assert "<b>refuses</b>" in text(bob.get(at))
    assert "Refused." in text(bob.get("/settings/"))
    page = text(alice.get("/settings/"))
    assert 'value="refuse" aria-describedby="help-refuse" checked' in page
    assert integrations.on_excess(world.charlie) is OnExcess.WARN
    alice.post("/settings/excess/", {"on_excess": "warn"})
    assert "<b>warns</b>" in text(bob.get(at))


@pytest.mark.parametrize("sent", [{}, {"on_excess": "ignore"}, {"on_excess": ""}])
def test_another_policy_is_refused(world: World, browse: Any, sent: dict[str, str]) -> None:
    answer = browse(world.alice).post("/settings/excess/", sent)
    assert answer.status_code == 400
    assert "Choose one of the two." in text(answer)
    assert integrations.on_excess(world.alice) is OnExcess.WARN


@pytest.mark.parametrize("code", ["source.excess_privileges", "source.unknown_privileges"])
def test_a_run_refused_for_its_rights_leads_to_them(
    world: World, filled: Filled, browse: Any, code: str
) -> None:
    with world.as_worker(), tenancy.scope(world.a):
        Run.objects.filter(organization_id=world.a, id=filled.run_id).update(
            state="failed", error_code=code, error_detail="This credential could do more.", error_remedy=""
        )
    at = f"/integrations/{filled.integration_id}/"
    for address in (at, f"{at}runs/{filled.run_id}/"):
        page = text(browse(world.alice).get(address))
        assert f'href="{at}credential/">See what this credential could do' in page.replace(
            ' id="rights"', ""
        ), address


def test_what_could_not_be_found_out_is_no_comfort(world: World, plain: Filled, browse: Any) -> None:
    note_privileges(world, plain, privileges(sentence="Cannot read data", unknown=("tables", "functions")))
    page = text(browse(world.bob).get(f"/integrations/{plain.integration_id}/credential/"))
    assert "functions, tables" in page
    assert "nobody should take it for nothing" in page
    assert "state long good" not in page
