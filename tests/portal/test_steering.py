"""Pause, resume, cancel, extract and delete by their buttons, and the state that programs read."""

from __future__ import annotations

import json
import re
from typing import Any

from fanlight.audit import queries as audit
from fanlight.extraction import queries as extraction
from fanlight.extraction.models import Run, StopRequest
from fanlight.extraction.types import RunState
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.tenancy import services as tenancy
from tests.conftest import World
from tests.portal.addresses import NOBODY
from tests.portal.conftest import Filled, hold

HX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def running(world: World, filled: Filled, alice: Any) -> Run:
    """Ask for a run and let it work, as a worker would."""
    alice.post(f"/integrations/{filled.integration_id}/extract/")
    with world.as_worker(), tenancy.scope(world.a):
        Run.objects.filter(organization_id=world.a, state="queued").update(
            state="running", started_at=clock.now(), heartbeat_at=clock.now(), phase="reading"
        )
    with tenancy.scope(world.a):
        return Run.objects.get(organization_id=world.a, state="running")


def test_pausing_says_since_when_by_whom_and_what_it_means(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    assert alice.post(at + "pause/")["Location"] == at
    page = text(browse(world.bob).get(at))
    assert "Paused" in page
    assert "by <bdi>Alice</bdi>" in page
    assert "until somebody resumes it" in page
    assert "Not while it is paused" in page
    assert f'"{at}extract/"' not in text(alice.get(at))
    listed = text(alice.get("/integrations/"))
    assert "when resumed" in listed
    assert "by <bdi>Alice</bdi>" in listed
    # Pausing twice is no error, and the first one counts.
    assert alice.post(at + "pause/").status_code == 302
    assert alice.post(at + "extract/").status_code == 409


def test_resuming_lets_the_schedule_go_on(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    alice.post(at + "pause/")
    assert integrations.schedules(world.alice)[filled.integration_id].next_at is None
    assert alice.post(at + "resume/")["Location"] == at
    assert integrations.schedules(world.alice)[filled.integration_id].next_at is not None
    page = text(alice.get(at))
    assert "Not while it is paused" not in page
    assert f'"{at}extract/"' in page


def test_a_run_that_is_to_stop_says_so_at_once_and_the_page_goes_on_looking(
    world: World, filled: Filled, browse: Any
) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    run = running(world, filled, alice)
    assert "Cancel the run" in text(alice.get(at))
    assert alice.post(f"{at}runs/{run.id}/cancel/")["Location"] == at
    for address in (at, f"{at}runs/{run.id}/", "/integrations/"):
        page = text(alice.get(address))
        assert "Stopping" in page, address
        assert "every 1s" in page, address
        assert "Cancel the run" not in page, address
    assert "Stopping" in text(browse(world.bob).get(at))


def test_cancelling_from_a_runs_page_leads_back_to_it(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    run = running(world, filled, alice)
    page = f"{at}runs/{run.id}/"
    assert "Cancel the run" in text(alice.get(page))
    assert alice.post(f"{page}cancel/", {"to": "run"})["Location"] == page
    # Not somewhere else, whatever is asked.
    assert alice.post(f"{page}cancel/", {"to": "https://elsewhere.example"})["Location"] == at


def test_what_is_over_cannot_be_cancelled(world: World, filled: Filled, browse: Any) -> None:
    answer = browse(world.alice).post(
        f"/integrations/{filled.integration_id}/runs/{filled.run_id}/cancel/", headers=HX
    )
    assert answer.status_code == 409
    assert "over already" in text(answer)


def test_a_stopped_run_is_told_without_alarm(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    run = running(world, filled, alice)
    with world.as_worker(), tenancy.scope(world.a):
        Run.objects.filter(organization_id=world.a, id=run.id).update(
            state="stopped",
            finished_at=clock.now(),
            error_code="run.cancelled",
            error_detail="The run was cancelled.",
            error_remedy="Nothing of it was kept.",
        )
    for address in (at, f"{at}runs/{run.id}/"):
        page = text(alice.get(address))
        assert "The run was cancelled." in page, address
        assert 'class="note bad"' not in page, address
    # It says nothing of the source: what stands is what the run before found.
    assert "Extracted in part" in text(alice.get("/integrations/"))


def test_buttons_are_swapped_only_when_there_are_others(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    running(world, filled, alice)
    asked = re.search(r'hx-get="([^"]*state/\?acts=\d+)"', text(alice.get(at)))
    assert asked is not None
    part = text(alice.get(asked[1], headers=HX))
    assert 'id="live"' in part
    assert 'id="acts"' not in part
    with world.as_worker(), tenancy.scope(world.a):
        Run.objects.filter(organization_id=world.a, state="running").update(
            state="succeeded", not_seen_count=0
        )
    part = text(alice.get(asked[1], headers=HX))
    assert re.search(r'id="acts"[^>]*hx-swap-oob="true"', part)
    assert "Extract now" in part


def test_deleting_says_exactly_what_goes_and_what_stays(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get(f"/integrations/{filled.integration_id}/delete/"))
    held = extraction.holdings(world.alice, filled.integration_id)
    assert held.assets > 0
    for words in (
        "sealed credential",
        f"{held.assets} assets with {held.columns} columns",
        f"{held.runs} run with the list of every statement",
        "audit log",
        "cannot be undone",
        "Its role and its password stay",
    ):
        assert words in page, words


def test_a_wrong_name_deletes_nothing_and_stands_in_the_field(
    world: World, filled: Filled, browse: Any
) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    for typed in ("", "orders", "ORDERS-PROD", "<script>"):
        answer = alice.post(at + "delete/", {"name": typed})
        assert answer.status_code == 409
        page = text(answer)
        assert "That is not this integration&#x27;s name." in page
        assert 'aria-invalid="true"' in page
        assert "<script>" not in page.replace("<script src=", "")
    assert alice.get(at).status_code == 200


def test_a_deleted_source_is_gone_from_every_page_at_once(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    run = running(world, filled, alice)
    assert "A run is under way" in text(alice.get(at + "delete/"))
    answer = alice.post(at + "delete/", {"name": " orders-prod "})
    assert answer["Location"] == "/integrations/?deleted"
    page = text(alice.get(answer["Location"]))
    assert "is being erased" in page
    assert "orders-prod" not in page
    for address in (
        at,
        f"{at}credential/",
        f"{at}credential/script.sql",
        f"{at}schedule/",
        f"{at}delete/",
        f"{at}state.json",
        f"{at}runs/{run.id}/",
    ):
        assert alice.get(address).status_code == 404, address
    for act in ("pause", "resume", "extract", "test"):
        assert alice.post(f"{at}{act}/").status_code == 404, act
    assert "orders-prod" not in text(alice.get("/"))
    with tenancy.scope(world.a):
        assert StopRequest.objects.get(organization_id=world.a, run_id=run.id).reason == "deleted"
        assert "integration.deleted" in {event.kind for event in audit.events_after(world.a, 0, 1000)}


def test_the_state_is_told_to_programs(world: World, filled: Filled, browse: Any) -> None:
    bob, at = browse(world.bob), f"/integrations/{filled.integration_id}/state.json"
    answer = bob.get(at)
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    told = json.loads(answer.content)
    assert (told["name"], told["state"], told["connector"]) == ("orders-prod", "succeeded", "postgres")
    assert told["latest_run"]["id"] == str(filled.run_id)
    assert told["latest_run"]["not_seen"] == 1
    assert told["credential"] == {"sentence": "Can write 2 tables", "is_excessive": True}
    assert json.loads(bob.get("/integrations/state.json").content) == [told]
    assert json.loads(browse(world.charlie).get("/integrations/state.json").content) == []
    assert bob.get(f"/integrations/{NOBODY}/state.json").status_code == 404
    assert bob.post(at).status_code == 405
    browse(world.alice).post(f"/integrations/{filled.integration_id}/pause/")
    assert json.loads(bob.get(at).content)["state"] == "paused"


def test_a_run_says_what_made_it_begin(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    page = f"{at}runs/{filled.run_id}/"
    assert "Asked for from the command line" in text(alice.get(page))
    held = hold(world, filled)
    alice.post(at + "extract/")
    assert "by <bdi>Alice</bdi>" in text(alice.get(at))
    for trigger, words in (
        ("schedule", "by the schedule"),
        ("retry", "again after a failure"),
        ("approval", "who approved a removal"),
    ):
        with world.as_worker(), tenancy.scope(world.a):
            Run.objects.filter(organization_id=world.a, id=filled.run_id).update(
                trigger=trigger, requested_by=world.alice.person_id, approval_of=held
            )
        for address in (page, at, "/"):
            assert words in text(alice.get(address)), (trigger, address)
    assert f'href="{at}runs/{held}/">what was approved' in text(alice.get(page))


def test_a_run_of_somebody_who_has_left_names_nobody(world: World, filled: Filled, browse: Any) -> None:
    with world.as_worker(), tenancy.scope(world.a):
        Run.objects.filter(organization_id=world.a, id=filled.run_id).update(
            requested_by=world.charlie.person_id
        )
    page = text(browse(world.alice).get(f"/integrations/{filled.integration_id}/runs/{filled.run_id}/"))
    assert "by a former member" in page
    assert world.email(world.charlie) not in page


def test_a_look_of_another_purpose_says_what_it_was(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    page = f"{at}runs/{filled.run_id}/"
    for purpose, title in (("test", "Test of the connection"), ("control", "Look by a control")):
        with world.as_worker(), tenancy.scope(world.a):
            Run.objects.filter(organization_id=world.a, id=filled.run_id).update(purpose=purpose)
        found = text(alice.get(page))
        assert f"<h1>{title}," in found
        assert f"<title>{title}: orders-prod" in found
        assert "What we ran" in found
        assert "FROM pg_class" in found
    assert extraction.run(world.alice, filled.run_id).state is RunState.SUCCEEDED


def test_a_test_of_the_connection_leads_to_what_it_sent(world: World, filled: Filled, browse: Any) -> None:
    from fanlight.connectors.types import SourceReport
    from fanlight.core.actors import Actor
    from fanlight.integrations import services

    with world.as_worker():
        services.note_test(
            actor=Actor.worker(world.a),
            tested=integrations.integration(world.alice, filled.integration_id),
            outcome=SourceReport("PostgreSQL 18.1", "reader", (("shop", True),), is_encrypted=True),
            now=clock.now(),
        )
        with tenancy.scope(world.a):
            Run.objects.filter(organization_id=world.a, id=filled.run_id).update(purpose="test")
    page = text(browse(world.bob).get(f"/integrations/{filled.integration_id}/"))
    assert f'/runs/{filled.run_id}/">What the test sent' in page
