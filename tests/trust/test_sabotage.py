"""Each sabotage really breaks a running catalogue: exactly its promise turns red, and green again when it is mended."""

from __future__ import annotations

from collections import Counter

import pytest

from fanlight.trust.controls import controls
from tests.conftest import POSTGRES
from tests.trust.ground import Ground
from tests.trust.sabotage import EVERY, Sabotage, attempt

LEAST = 2
# What is done to the program itself has nothing to do with the catalogue's server: once is enough.
HERE = [one for one in EVERY if one.edits is None or POSTGRES == "18"]


@pytest.mark.parametrize("sabotage", HERE, ids=lambda one: f"{one.promise}: {one.what}")
def test_a_sabotage_turns_its_own_promise_red_and_no_other(ground: Ground, sabotage: Sabotage) -> None:
    result = attempt(ground, sabotage, ground.states())
    assert result.has_passed, (result, ground.findings())


def test_every_control_is_sabotaged_at_least_twice() -> None:
    tried = Counter(one.promise for one in EVERY)
    assert all(tried[promise] >= LEAST for promise in controls())
