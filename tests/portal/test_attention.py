"""What needs a look is said to those who may act, with a sentence and a link; and nothing when there is nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fanlight.core.actors import Actor
from fanlight.extraction.models import Run
from fanlight.foundation import clock
from fanlight.integrations import services
from fanlight.tenancy import services as tenancy
from tests.conftest import World
from tests.portal.conftest import EXCESSIVE, HARMLESS, Filled, fill, hold, note_privileges
from tests.portal.sample import sample


def text(answer: Any) -> str:
    return str(answer.content.decode())


def block(page: str) -> str:
    """Return the part that says what needs a look."""
    return (
        page[page.index('class="matters"') :].split("</section>", maxsplit=1)[0]
        if 'class="matters"' in page
        else ""
    )


def count(page: str) -> str:
    """Return what the navigation says."""
    return page.split('href="/integrations/"')[1].split("</a>", maxsplit=1)[0]


def fail(world: World, filled: Filled) -> None:
    with world.as_worker(), tenancy.scope(world.a):
        Run.objects.filter(organization_id=world.a, id=filled.run_id).update(
            state="failed",
            error_code="source.gone",
            error_detail="It <broke> \u202eoff.",
            error_remedy="Run again.",
        )


def test_nothing_is_said_when_there_is_nothing(world: World, browse: Any) -> None:
    filled = fill(world, sample())
    note_privileges(world, filled, HARMLESS)
    page = text(browse(world.alice).get("/"))
    assert "Needs a look" not in page
    assert "a look" not in count(page)


def test_a_failed_run_is_told_with_its_reason(world: World, browse: Any) -> None:
    filled = fill(world, sample())
    fail(world, filled)
    page = text(browse(world.alice).get("/"))
    for words in (
        "Last run failed",
        "It &lt;broke&gt; \\u202eoff.",
        f"/runs/{filled.run_id}/",
        "orders-prod",
    ):
        assert words in block(page), words
    assert ">1<" in count(page)
    assert "needs a look" in count(page)


def test_a_held_run_leads_to_its_list(world: World, browse: Any) -> None:
    filled = fill(world, sample())
    run_id = hold(world, filled)
    page = text(browse(world.alice).get("/"))
    assert "Asks first" in block(page)
    assert f"/runs/{run_id}/" in block(page)
    assert "Schedule stopped" not in block(page)


def test_a_refused_credential_and_its_excess_are_one_matter_with_two_reasons(
    world: World, filled: Filled, browse: Any
) -> None:
    with world.as_worker(), tenancy.scope(world.a):
        for _ in range(3):
            services.note_failure(
                Actor.worker(world.a), filled.integration_id, "source.refused_credential", clock.now()
            )
    page = text(browse(world.alice).get("/"))
    for words in (
        "Sign-in refused",
        "the account is not locked",
        "More than reading",
        EXCESSIVE.sentence,
        f"/integrations/{filled.integration_id}/credential/",
    ):
        assert words in block(page), words
    assert ">1<" in count(page)


def test_only_a_long_pause_is_told_and_it_silences_the_rest(world: World, browse: Any) -> None:
    filled = fill(world, sample())
    fail(world, filled)
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    alice.post(at + "pause/")
    assert block(text(alice.get("/"))) == ""
    with world.catalogue.connect("postgres") as admin:
        admin.execute(
            "UPDATE integrations_integration SET paused_at = %s WHERE id = %s",
            [clock.now() - timedelta(days=41), filled.integration_id],
        )
    said = block(text(alice.get("/")))
    assert "Nothing has been extracted for 41 days." in said
    assert "Last run failed" not in said


def test_viewers_and_others_are_not_told(world: World, filled: Filled, browse: Any) -> None:
    for reader in (world.bob, world.charlie):
        page = text(browse(reader).get("/"))
        assert "Needs a look" not in page
        assert "a look" not in count(page)
    # A viewer sees the states all the same.
    assert EXCESSIVE.sentence in text(browse(world.bob).get("/"))


def test_editors_are_told(world: World, filled: Filled, browse: Any) -> None:
    with world.catalogue.connect("postgres") as admin:
        admin.execute(
            "UPDATE organizations_membership SET role = 'editor' WHERE person_id = %s", [world.bob.person_id]
        )
    page = text(browse(world.bob).get("/"))
    assert "Needs a look" in page
    assert ">1<" in count(page)


def test_every_page_counts_the_same(world: World, filled: Filled, browse: Any) -> None:
    alice = browse(world.alice)
    for address in ("/", "/integrations/", "/settings/", "/browse/", "/nowhere/"):
        assert ">1<" in count(text(alice.get(address))), address
