"""Each failure is a sentence, a remedy, a code in parentheses and the right exit code; never a traceback."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Shop
from tests.cli.running import CANARY, Home, environment

OF_ALICE = ("--organization", "Alice & Co")
DONE, FINDING, WRONG, OUTSIDE = 0, 1, 2, 3

TABLE = [
    # What the parser refuses.
    (("nonsense",), WRONG, "usage.wrong"),
    (("show",), WRONG, "usage.wrong"),
    (("organization",), WRONG, "usage.wrong"),
    (("organization", "create", "X"), WRONG, "usage.wrong"),
    (("search", "x", "--limit", "0"), WRONG, "usage.wrong"),
    (("up", "--port", "70000"), WRONG, "usage.wrong"),
    (("extract", "a", f"postgresql://u:{CANARY}@h/x"), WRONG, "usage.wrong"),
    # Which organization, which thing.
    (("search", "x"), WRONG, "organization.ambiguous"),
    (("extract", "shop"), WRONG, "organization.ambiguous"),
    (("search", "x", "--organization", "Nobody"), FINDING, "organization.unknown"),
    (("extract", "nothing", *OF_ALICE), FINDING, "integration.unknown"),
    (("show", "nothing", *OF_ALICE), FINDING, "integration.unknown"),
    (("show", "shop.postgres.nothing", *OF_ALICE), FINDING, "asset.unknown"),
    (("show", "shop..x", *OF_ALICE), WRONG, "path.malformed"),
    (("show", '"shop', *OF_ALICE), WRONG, "path.malformed"),
    (("sign-in", "nobody@a.example", *OF_ALICE), FINDING, "person.unknown"),
    (("statements", "mysql"), FINDING, "connector.unknown"),
    (("permissions", "mysql"), FINDING, "connector.unknown"),
    (("organization", "create", "", "--admin", "a@b.example"), WRONG, "organization.name"),
    (("organization", "create", "X", "--admin", "nonsense"), WRONG, "person.email"),
    # Steering.
    (("pause",), WRONG, "usage.wrong"),
    (("pause", "shop"), WRONG, "organization.ambiguous"),
    (("pause", "nothing", *OF_ALICE), FINDING, "integration.unknown"),
    (("cancel", "shop", *OF_ALICE), FINDING, "run.none"),
    (("approve", "shop", "--yes", *OF_ALICE), FINDING, "run.asks_nothing"),
    (("schedule", "shop", "* * * * *", *OF_ALICE), WRONG, "field.cron"),
    (("schedule", "shop", "tomorrow", *OF_ALICE), WRONG, "field.cron"),
    (("delete", "shop", *OF_ALICE), WRONG, "confirm.no_terminal"),
    (("excess", "never", *OF_ALICE), WRONG, "policy.unknown"),
    (("excess",), WRONG, "organization.ambiguous"),
    # Addresses of sources.
    (("connect", f"postgresql://u:{CANARY}@localhost/x"), WRONG, "url.has_password"),
    (("connect", f"mysql://u:{CANARY}@localhost/x"), WRONG, "url.unknown_scheme"),
    (("connect", "nonsense"), WRONG, "url.unknown_scheme"),
    (("connect", "postgresql://u@localhost:99999/x"), WRONG, "url.not_understood"),
    (("connect", "postgresql://u@localhost/x"), WRONG, "password.no_terminal"),
    (("connect", "postgresql://u@localhost/x", "--password-stdin"), WRONG, "password.empty"),
    (
        ("connect", "postgresql://u@h/x", "--no-password", "--name", "A b", *OF_ALICE),
        WRONG,
        "integration.name",
    ),
    (
        ("connect", "postgresql://u@h/x", "--no-password", "--name", "shop", *OF_ALICE),
        FINDING,
        "integration.exists",
    ),
    # Processes started without what they need.
    (("portal",), WRONG, "settings.missing"),
    (("worker",), WRONG, "settings.missing"),
]


def _is_explained(stderr: str, code: str) -> bool:
    said = stderr.strip().splitlines()
    return (
        len(said) >= 3
        and re.match(r"fanlight: .*[.!?]$", next(line for line in said if line.startswith("fanlight: ")))
        is not None
        and said[-1].strip() == f"({code})"
        and "Traceback" not in stderr
    )


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    TABLE,
    ids=lambda one: " ".join(one)[:40] if isinstance(one, tuple) else None,
)
def test_it_is_explained(home: Home, arguments: tuple[str, ...], exit_code: int, code: str) -> None:
    done = home.fanlight(*arguments)
    assert done.returncode == exit_code, done.stderr
    assert _is_explained(done.stderr, code), done.stderr
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "password", "code"),
    [
        ("{shop}", "wrong-" + CANARY, "source.refused_credential"),
        ("postgresql://reader@127.0.0.1:1/x?sslmode=disable", CANARY, "source.unreachable"),
        ("postgresql://reader@nowhere.invalid/x", CANARY, "source.unreachable"),
    ],
)
def test_a_source_that_does_not_let_us_in_is_a_finding_with_its_reason(
    home: Home, shop: Shop, url: str, password: str, code: str
) -> None:
    name = f"bad-{abs(hash(url)) % 10**6}"
    connect = ("connect", url.format(shop=shop.url), "--name", name, "--password-stdin", *OF_ALICE)
    done = home.fanlight(*connect, stdin=f"{password}\n")
    assert done.returncode == FINDING, done.stderr
    assert f"({code})" in done.stderr, done.stderr
    assert f"{name!r} stays connected" in done.stderr
    assert CANARY not in done.stdout + done.stderr
    again = home.fanlight("extract", name, "--json", *OF_ALICE)
    assert (again.returncode, f'"code": "{code}"' in again.stdout) == (FINDING, True)


def test_a_home_that_is_none_is_not_made_by_a_reader(new_home: Callable[[], Home]) -> None:
    home = new_home()
    for verb in (
        ("search", "x"),
        ("show", "x"),
        ("integrations",),
        ("extract", "x"),
        ("sign-in", "a@b.example"),
    ):
        done = home.fanlight(*verb)
        assert (done.returncode, _is_explained(done.stderr, "home.unknown")) == (FINDING, True), done.stderr
    doctor = home.fanlight("doctor")
    assert (doctor.returncode, "(home.unknown)" in doctor.stdout) == (FINDING, True)
    assert list(home.path.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "exit_code", "code"),
    [
        (lambda path: path.write_text(""), WRONG, "home.not_a_folder"),
        (lambda path: (path.mkdir(), (path / "id").write_text("nonsense")), OUTSIDE, "home.identifier"),
        (
            lambda path: (path.mkdir(), (path / "id").write_text("0" * 10), path.chmod(0o777)),
            FINDING,
            "home.writable_by_all",
        ),
    ],
)
def test_a_home_that_cannot_be_used_says_why(
    tmp_path: Path, make: Callable[[Path], object], exit_code: int, code: str
) -> None:
    path = tmp_path / "home"
    make(path)
    for verb in (("search", "x"), ("up", "--port", "0")):
        done = Home(path).fanlight(*verb)
        assert done.returncode == exit_code, done.stderr
        assert _is_explained(done.stderr, code), done.stderr


def test_a_home_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: it gives a folder to another user")
    path = tmp_path / "home"
    path.mkdir()
    os.chown(path, 12345, 12345)
    for verb in (("search", "x"), ("up", "--port", "0"), ("doctor",)):
        done = Home(path).fanlight(*verb)
        assert done.returncode == FINDING
        assert (
            "(home.other_user)" in done.stderr + done.stdout or "(home.unknown)" in done.stderr + done.stdout
        )


def test_a_port_that_is_taken_is_named(home: Home) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = home.fanlight("up", "--port", str(port))
    assert done.returncode == FINDING
    assert _is_explained(done.stderr, "up.port_taken")
    assert f"port {port} is taken" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "verb", "code"),
    [
        ("FANLIGHT_PORT", "abc", ("up",), "settings.port"),
        ("FANLIGHT_BIND", "nonsense", ("up", "--port", "0"), "up.address"),
        ("FANLIGHT_ROOT_KEY", CANARY, ("search", "x"), "settings.secret_in_environment"),
        (
            "FANLIGHT_DATABASE_URL",
            f"postgresql://u:{CANARY}@h/x",
            ("search", "x"),
            "settings.secret_in_environment",
        ),
        ("FANLIGHT_DATABASE_URL_FILE", "/nonexistent/url", ("search", "x"), "settings.unreadable_file"),
        ("FANLIGHT_DATABASE_URL_FILE", "/nonexistent/url", ("up",), "up.own_database"),
    ],
)
def test_a_wrong_setting_is_named(
    home: Home, name: str, value: str, verb: tuple[str, ...], code: str
) -> None:
    done = home.fanlight(*verb, **{name: value})
    assert done.returncode == WRONG, done.stderr
    assert _is_explained(done.stderr, code), done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_a_database_that_cannot_be_reached_is_outside(home: Home, tmp_path: Path) -> None:
    url = tmp_path / "url"
    url.write_text(f"postgresql://u:{CANARY}@127.0.0.1:1/x")
    done = home.fanlight("search", "x", FANLIGHT_DATABASE_URL_FILE=str(url))
    assert done.returncode == OUTSIDE
    assert _is_explained(done.stderr, "database.failed"), done.stderr
    assert CANARY not in done.stderr


def test_a_defect_is_a_sentence_and_its_details_only_on_demand(home: Home, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "def audit(event, values):\n"
        "    if event == 'import' and values[0] == 'fanlight.discovery.queries':\n"
        f"        raise ZeroDivisionError('{CANARY}')\n"
        "sys.addaudithook(audit)\n"
    )
    done = home.fanlight("search", "x", PYTHONPATH=str(tmp_path))
    assert done.returncode == OUTSIDE
    assert _is_explained(done.stderr, "internal.unexpected"), done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert CANARY not in done.stderr
    told = home.fanlight("search", "x", PYTHONPATH=str(tmp_path), FANLIGHT_TRACEBACK="1")
    assert "Traceback" in told.stderr
    assert "FANLIGHT_TRACEBACK" not in environment()
