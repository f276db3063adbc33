"""When a source is extracted by itself: in words, by a form that needs no script, and why it has stopped."""

from __future__ import annotations

from typing import Any

import pytest

from fanlight.core.actors import Actor
from fanlight.core.errors import WrongUse
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services
from fanlight.portal import picker
from fanlight.tenancy import services as tenancy
from tests.conftest import World
from tests.portal.conftest import Filled, hold


def text(answer: Any) -> str:
    return str(answer.content.decode())


DEFAULT = "17 3 * * *"


@pytest.mark.parametrize(
    ("cron", "way"),
    [
        ("", "manual"),
        ("5 * * * *", "hourly"),
        ("5 */6 * * *", "six"),
        ("30 4 * * *", "daily"),
        ("30 23 * * 0", "weekly"),
        ("30 4 1 * *", "cron"),
        ("*/20 * * * *", "cron"),
        ("30 4 * * 1-5", "cron"),
    ],
)
def test_every_schedule_is_shown_as_the_way_that_makes_it(cron: str, way: str) -> None:
    picked = picker.of_cron(cron, DEFAULT)
    assert picked.way == way
    assert picker.to_cron(picked) == cron


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "field.way"),
        ({"way": "sometimes"}, "field.way"),
        ({"way": "daily", "daily": ""}, "field.daily"),
        ({"way": "daily", "daily": "24:00"}, "field.daily"),
        ({"way": "daily", "daily": "4.30"}, "field.daily"),
        ({"way": "daily", "daily": "04:30\n"}, None),
        ({"way": "weekly", "weekly": "noon"}, "field.weekly"),
        ({"way": "weekly", "weekly": "04:30", "day": "7"}, "field.day"),
        ({"way": "weekly", "weekly": "04:30", "day": ""}, "field.day"),
        ({"way": "cron", "cron": " "}, "field.cron"),
    ],
)
def test_what_cannot_be_meant_names_its_field(sent: dict[str, str], code: str | None) -> None:
    picked = picker.of_post(sent, DEFAULT)
    if code is None:
        picker.to_cron(picked)
        return
    with pytest.raises(WrongUse) as refused:
        picker.to_cron(picked)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"way": "manual"}, "only when asked for"),
        ({"way": "hourly"}, "every hour"),
        ({"way": "six"}, "every 6 hours"),
        ({"way": "daily", "daily": "7:05"}, "every day at 07:05 UTC"),
        ({"way": "weekly", "weekly": "22:45", "day": "0"}, "every Sunday at 22:45 UTC"),
        ({"way": "cron", "cron": "0 6 * * 1-5"}, "at &#x27;0 6 * * 1-5&#x27; (UTC)"),
    ],
)
def test_each_way_is_saved_and_said_in_words(
    world: World, filled: Filled, browse: Any, sent: dict[str, str], words: str
) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    answer = alice.post(at + "schedule/", sent)
    assert answer["Location"] == at + "?saved=schedule"
    page = text(alice.get(answer["Location"]))
    assert f"Extracted {words}" in page
    assert "Saved." in page
    form = text(alice.get(at + "schedule/"))
    assert f'value="{sent["way"]}" ' in form
    assert f'id="way-{sent["way"]}" name="way" value="{sent["way"]}"' in form
    chosen = form.split(f'id="way-{sent["way"]}"')[1].split(">")[0]
    assert " checked" in chosen
    if sent["way"] != "manual":
        assert "Next <time" in page
        assert "UTC)</time>" in page
    else:
        assert "only when asked for" in text(alice.get("/integrations/"))


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"way": "cron", "cron": "* * * * *"}, "cron", "more often than every 15 minutes"),
        ({"way": "cron", "cron": "30 4 * *"}, "cron", "has five fields"),
        ({"way": "cron", "cron": "0 0 31 2 *"}, "cron", "never comes"),
        ({"way": "cron", "cron": "<script>"}, "cron", "has five fields"),
        ({"way": "daily", "daily": "<b>"}, "daily", "is not a time of day"),
        ({"way": "weekly", "weekly": "", "day": "3"}, "weekly", "is missing"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_changed(
    world: World, filled: Filled, browse: Any, sent: dict[str, str], field: str, words: str
) -> None:
    before = integrations.schedules(world.alice)[filled.integration_id]
    answer = browse(world.alice).post(f"/integrations/{filled.integration_id}/schedule/", sent)
    assert answer.status_code == 400
    page = text(answer)
    beside = page[page.index(f'id="help-{field}"') :].split("</p>")[0]
    assert words in beside
    assert f'href="#{field}"' in page
    assert 'aria-invalid="true"' in page
    assert "<script>" not in page
    assert "<b>&" not in page
    assert integrations.schedules(world.alice)[filled.integration_id] == before


def test_nothing_chosen_is_said_too(world: World, filled: Filled, browse: Any) -> None:
    answer = browse(world.alice).post(f"/integrations/{filled.integration_id}/schedule/", {})
    assert answer.status_code == 400
    assert "Nothing was chosen." in text(answer)


def test_a_credential_refused_three_times_is_explained(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    worker = Actor.worker(world.a)
    with world.as_worker(), tenancy.scope(world.a):
        services.note_failure(worker, filled.integration_id, "source.refused_credential", clock.now())
    page = text(alice.get(at))
    assert "The latest attempt failed; it is tried again <time" in page
    assert "again <time" in text(alice.get("/integrations/"))
    with world.as_worker(), tenancy.scope(world.a):
        for _ in range(2):
            services.note_failure(worker, filled.integration_id, "source.refused_credential", clock.now())
    page = text(alice.get(at))
    for words in ("Stopped", "refused this credential three times", "not locked", "enter the password again"):
        assert words in page, words
    assert "when mended" in text(alice.get("/integrations/"))
    assert "Saving a schedule starts it again" in text(alice.get(at + "schedule/"))
    alice.post(at + "schedule/", {"way": "hourly"})
    assert "three times" not in text(alice.get(at))


def test_a_schedule_that_waits_for_an_answer_says_so(world: World, filled: Filled, browse: Any) -> None:
    hold(world, filled)
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    page = text(alice.get(at))
    assert "so much gone that it asks first" in page
    assert "when answered" in text(alice.get("/integrations/"))


def test_a_schedule_chosen_while_paused_waits_for_the_resuming(
    world: World, filled: Filled, browse: Any
) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    alice.post(at + "pause/")
    assert "It is paused" in text(alice.get(at + "schedule/"))
    alice.post(at + "schedule/", {"way": "hourly"})
    assert integrations.schedules(world.alice)[filled.integration_id].next_at is None
    alice.post(at + "resume/")
    assert integrations.schedules(world.alice)[filled.integration_id].next_at is not None
