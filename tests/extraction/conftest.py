"""What the tests of this room share."""

from __future__ import annotations

import base64

import pytest

from tests.conftest import World


@pytest.fixture
def settings_root_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the jobs find the root key where the worker's settings have it."""
    from django.conf import settings

    key = base64.b64encode(world.root_key.reveal()).decode()
    monkeypatch.setattr(settings, "FANLIGHT_ROOT_KEY", key, raising=False)
