"""`up` and `demo` from their start to their end, whichever way that comes: nothing is left, and the next one works."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import Home, Running, answers, descendants, eventually

NewHome = Callable[[], Home]
# A keeper looks once a second, and is the last to leave.
GONE_SECONDS = 15


def _leaves_nothing(home: Home) -> None:
    eventually(lambda: not home.processes(), GONE_SECONDS)
    assert not (home.path / "portal.address").exists()


def _children(home: Home) -> list[str]:
    """Return the portals and workers that read this home's secrets."""
    found = []
    for pid in [folder.name for folder in Path("/proc").iterdir() if folder.name.isdecimal()]:
        try:
            variables = Path(f"/proc/{pid}/environ").read_bytes()
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"FANLIGHT_HOME={home.path}\0".encode() in variables and (
            "main portal" in line or "main worker" in line
        ):
            found.append(line)
    return found


def _ended_well(running: Running, number: signal.Signals) -> None:
    assert running.end(number) == 0, running.said
    assert running.said[-1] == "Stopped.\n"
    assert "Traceback" not in "".join(running.said)


def test_up_answers_shares_its_server_and_refuses_a_second(new_home: NewHome) -> None:
    home = new_home()
    running = home.start("up", "--port", "0", "--admin", "ann@a.example", "--organization", "Ann's", "--json")
    ready = running.wait_until_ready()
    assert set(ready) == {"url", "sign_in", "ca_file", "home"}
    assert ready["home"] == str(home.path)
    assert ready["sign_in"].startswith(f"{ready['url']}/sign-in/")
    assert answers(ready)

    began = time.monotonic()
    second = home.fanlight("up", "--port", "0")
    assert time.monotonic() - began < 10
    assert second.returncode == 1
    assert f"in use by fanlight up (process {running.process.pid})" in second.stderr
    assert "(home.in_use)" in second.stderr

    assert [one["name"] for one in home.read("organization", "list")] == ["Ann's"]
    assert home.read("sign-in", "ann@a.example")["url"].startswith(ready["url"])
    servers = [line for line in home.processes() if "/postgres -D " in line]
    assert len(servers) == 1

    _ended_well(running, signal.SIGINT)
    assert len(running.printed) == 1
    _leaves_nothing(home)


def test_a_person_is_told_what_matters_and_no_process_shows_a_secret(new_home: NewHome) -> None:
    home = new_home()
    running = home.start("up", "--port", "0")
    eventually(
        lambda: any("Ctrl-C" in line for line in running.printed) or running.process.poll() is not None
    )
    address, link, end = [line for line in running.printed if line.strip()][-3:]
    assert address.startswith("Fanlight is at ")
    assert link.startswith("Sign in, once, within 15 minutes: https://")
    assert end == "Ctrl-C stops everything; nothing is lost.\n"
    secrets = [file.read_text().strip() for file in (home.path / "secrets").iterdir()]
    secrets.append(link.strip().rstrip("/").rpartition("/")[2])
    assert len(secrets) > 8
    for pid, _ in [(running.process.pid, ""), *descendants(running.process.pid)]:
        for part in ("cmdline", "environ"):
            try:
                shown = Path(f"/proc/{pid}/{part}").read_bytes().decode(errors="replace")
            except OSError:
                continue  # it has just ended, or belongs to PostgreSQL's account
            assert not [one for one in secrets if one in shown]
    logs = "".join(path.read_text() for path in home.path.glob("*.log"))
    assert not [one for one in secrets if one in logs + "".join(running.said)]
    _ended_well(running, signal.SIGTERM)


@pytest.mark.slow
def test_demo_ends_cleanly_at_any_moment_and_extracts_once(new_home: NewHome) -> None:
    home = new_home()
    moments = (
        ("Making the database cluster", signal.SIGTERM),
        ("Bringing the catalogue's schema", signal.SIGINT),
        ("Making the demo's source database", signal.SIGTERM),
        ("Extracting its metadata", signal.SIGHUP),
        ("harbour: connecting", signal.SIGINT),
    )
    for moment, number in moments:
        running = home.start("demo", "--port", "0", "--json")
        running.wait_until_said(moment)
        _ended_well(running, number)
        assert running.printed == []
        _leaves_nothing(home)

    running = home.start("demo", "--port", "0", "--json")
    assert answers(running.wait_until_ready())
    assert home.read("integrations")[0]["state"] == "succeeded"
    assert home.read("search", "customer")
    _ended_well(running, signal.SIGTERM)
    again = home.start("demo", "--port", "0", "--json")
    again.wait_until_ready()
    assert not [line for line in again.said if "Extracting" in line or "Making" in line]
    _ended_well(again, signal.SIGTERM)
    _leaves_nothing(home)


def test_what_is_killed_under_up_comes_back(new_home: NewHome) -> None:
    home = new_home()
    running = home.start("up", "--port", "0", "--json")
    ready = running.wait_until_ready()
    serving = [pid for pid, line in descendants(running.child("main portal")) if "main portal" in line]
    assert serving, "the portal serves in a process of its own"
    for victim in (
        *serving,
        running.child("main portal"),
        running.child("main worker"),
        running.child("postgres -D"),
    ):
        os.kill(victim, signal.SIGKILL)
        eventually(lambda gone=victim: not any(pid == gone for pid, _ in descendants(running.process.pid)))  # type: ignore[misc]
        eventually(lambda: answers(ready))
    eventually(lambda: any("main worker" in line for _, line in descendants(running.process.pid)))
    assert home.read("organization", "list")
    # The keeper, too: nobody would notice its absence before it is needed.
    keeper = running.child("embedded.keeper")
    os.kill(keeper, signal.SIGKILL)
    eventually(lambda: any("embedded.keeper" in line and str(keeper) != line for line in home.processes()))
    _ended_well(running, signal.SIGTERM)
    _leaves_nothing(home)


def test_a_killed_up_takes_its_children_along_and_the_next_one_works(new_home: NewHome) -> None:
    home = new_home()
    running = home.start("up", "--port", "0", "--json")
    running.wait_until_ready()
    running.process.kill()
    eventually(lambda: not [line for line in _children(home) if "main" in line], 5)
    stale = (home.path / "portal.address").read_text()
    admin = f"{os.environ.get('USER') or 'admin'}@localhost"
    assert not home.read("sign-in", admin)["url"].startswith(stale)

    following = home.start("up", "--port", "0", "--json")
    assert answers(following.wait_until_ready())
    _ended_well(following, signal.SIGTERM)
    _leaves_nothing(home)
