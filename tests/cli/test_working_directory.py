"""A working directory that somebody else can write to: nothing in it is run."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.cli.running import environment


@pytest.mark.parametrize("module", ["psycopg", "django", "fanlight", "typer", "json"])
def test_a_module_in_the_working_directory_is_never_run(tmp_path: Path, module: str) -> None:
    import subprocess

    mark = tmp_path / "it-ran"
    (tmp_path / f"{module}.py").write_text(f"open({str(mark)!r}, 'a').write('x')\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("fanlight"), "inventory", "--json"],
        cwd=tmp_path,
        env=environment(FANLIGHT_HOME=str(tmp_path / "home")),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, bool(json.loads(done.stdout))) == (0, True)
    assert not mark.exists()


def test_nothing_that_up_starts_looks_there_either(tmp_path: Path) -> None:
    import os
    import shutil
    import signal
    import ssl
    import subprocess

    mark, home, poisoned = tmp_path / "it-ran", tmp_path / "home", tmp_path / "cwd"
    poisoned.mkdir()
    for module in ("psycopg", "django", "procrastinate", "whitenoise", "django_htmx", "secrets"):
        (poisoned / f"{module}.py").write_text(f"open({str(mark)!r}, 'a').write('{module} ')\n")
    process = subprocess.Popen(
        [Path(sys.executable).with_name("fanlight"), "--home", str(home), "up", "--port", "0", "--json"],
        cwd=poisoned,
        env=environment(),
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        trusted = ssl.create_default_context(cafile=said["ca_file"])
        with urllib.request.urlopen(said["url"] + "/sign-in/", context=trusted) as answer:  # noqa: S310
            assert answer.status == 200
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        if os.geteuid() == 0 and (home / "id").exists():
            shutil.rmtree(Path("/var/lib/fanlight") / (home / "id").read_text().strip(), ignore_errors=True)
    assert not mark.exists(), mark.read_text()
