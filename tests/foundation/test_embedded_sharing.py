"""One `up` per home, verbs that share a server, and the keeper that stops it after the last one."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from fanlight.core.errors import Conflict
from fanlight.foundation.embedded import UpLock
from tests.foundation.conftest import Site, connect, keepers, wait_for

UP = "with server.hold_up(idle_seconds=1):\n    print('up', flush=True)\n    sys.stdin.read()\nprint('down')"
VERB = "with server.in_use('a verb', idle_seconds=1):\n    print('in', flush=True)\n    sys.stdin.read()"


def _leave(child: subprocess.Popen[str]) -> None:
    child.communicate(timeout=30)


def test_a_second_up_on_the_same_home_is_refused_and_told_who_holds_it(grown: Site) -> None:
    up = grown.spawn_until("up", UP)
    with pytest.raises(Conflict) as refused, grown.server().hold_up():
        pass
    assert refused.value.code == "home.in_use"
    assert str(grown.home) in refused.value.detail
    assert f"fanlight up (process {up.pid})" in refused.value.detail
    assert "--home" in refused.value.remedy
    assert grown.server().is_running(), "being refused does no harm to the first"


def test_up_stops_the_server_when_it_leaves(grown: Site) -> None:
    up = grown.spawn_until("up", UP)
    assert grown.server().is_running()
    _leave(up)
    assert not grown.server().is_running()


def test_up_leaves_the_server_to_the_verbs_that_still_use_it(grown: Site) -> None:
    up = grown.spawn_until("up", UP)
    with grown.server().in_use("a verb") as address:
        _leave(up)
        with connect(address) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    wait_for(lambda: not grown.server().is_running())


def test_a_home_whose_up_was_killed_is_free_and_its_server_ends(grown: Site) -> None:
    up = grown.spawn_until("up", UP)
    os.killpg(up.pid, signal.SIGKILL)
    up.wait()
    wait_for(lambda: not grown.server().is_running())
    with UpLock(grown.home, "fanlight up"):
        pass


def test_the_lock_of_up_needs_no_server(site: Site) -> None:
    with UpLock(site.home, "first"), pytest.raises(Conflict, match="in use by first"), UpLock(site.home, "2"):
        pass


def test_verbs_share_one_server_that_stops_after_the_last_one(grown: Site) -> None:
    verb = grown.spawn_until("in", VERB)
    pid = grown.server().status().pid
    with grown.server().in_use("another verb", idle_seconds=1):
        assert grown.server().status().pid == pid
        wanted = {f"another verb (process {os.getpid()})", f"a verb (process {verb.pid})"}
        assert set(grown.server().status().users) == wanted
        assert len(keepers(grown)) == 1
    _leave(verb)
    left = time.monotonic()
    wait_for(lambda: not grown.server().is_running())
    assert time.monotonic() - left > 0.5, "the next verb had no time to come"
    wait_for(lambda: not keepers(grown))


def test_a_verb_keeps_the_server_beyond_the_idle_time(grown: Site) -> None:
    with grown.server().in_use("a long verb", idle_seconds=0.5):
        time.sleep(2)
        assert grown.server().is_running()


def test_a_verb_that_was_killed_counts_as_gone(grown: Site) -> None:
    verb = grown.spawn_until("in", VERB)
    os.killpg(verb.pid, signal.SIGKILL)
    verb.wait()
    assert grown.server().status().users == ()
    wait_for(lambda: not grown.server().is_running())


def test_a_verb_killed_while_the_server_starts_leaves_no_server_behind(site: Site) -> None:
    verb = site.spawn_until("Making", VERB)
    os.kill(verb.pid, signal.SIGKILL)
    verb.wait()
    wait_for(lambda: not keepers(site))
    assert not site.server().is_running()


def test_the_first_verb_of_a_new_home_leaves_its_server_to_the_next_one(site: Site) -> None:
    """Making a cluster takes longer than the keeper's first look; that look must not end the server."""
    with site.server().in_use("the first verb"):
        pass
    pid = site.server().status().pid
    time.sleep(2.5)
    assert site.server().status().pid == pid
    assert site.server().is_running()


def test_the_next_verb_starts_a_keeper_when_the_last_one_was_killed(grown: Site) -> None:
    with grown.server().in_use("a verb"):
        pass
    [keeper] = keepers(grown)
    pid = grown.server().status().pid
    os.kill(keeper, signal.SIGKILL)
    wait_for(lambda: not keepers(grown))
    with grown.server().in_use("the next verb", idle_seconds=1):
        assert grown.server().status().pid == pid, "the running server is adopted, not replaced"
        wait_for(lambda: keepers(grown))
    wait_for(lambda: not grown.server().is_running())


def test_the_keeper_starts_a_server_again_that_was_killed_under_a_verb(grown: Site) -> None:
    with grown.server().in_use("a verb", idle_seconds=1):
        first = grown.server().status().pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: grown.server().is_running() and grown.server().status().pid != first)


def test_a_home_that_was_removed_is_not_made_again_by_its_keeper(grown: Site) -> None:
    with grown.server().in_use("a verb", idle_seconds=1):
        identifier = grown.home.joinpath("id").read_text()
        aside = grown.home.with_name("aside")
        grown.home.rename(aside)
    wait_for(lambda: not keepers(grown))
    assert not grown.home.exists()
    aside.rename(grown.home)
    assert grown.home.joinpath("id").read_text() == identifier


def test_the_keeper_gets_no_environment_of_its_starter(grown: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANLIGHT_SECRET", "canary-91c2")
    with grown.server().in_use("a verb", idle_seconds=1):
        [keeper] = keepers(grown)
        pid = grown.server().status().pid
        for process in (keeper, pid):
            assert b"canary-91c2" not in Path(f"/proc/{process}/environ").read_bytes()
            assert b"canary-91c2" not in Path(f"/proc/{process}/cmdline").read_bytes()
