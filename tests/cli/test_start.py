"""What a verb loads before it begins: nothing that it has no use for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from fanlight.connectors import registry

_LOADED = """
import sys
from fanlight.cli import main
sys.argv = ["fanlight", *sys.argv[1:]]
try:
    main.main()
finally:
    print("loaded:", *sys.modules)
"""


def _loaded(*arguments: str) -> set[str]:
    """Return the modules that a verb had loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _LOADED, *arguments], capture_output=True, text=True, check=False
    )
    return set(done.stdout.rpartition("loaded:")[2].split())


def test_plain_arguments_are_read_without_the_library_that_validates_others(tmp_path: Path) -> None:
    verbs = (
        ("search", "orders", "--home", str(tmp_path), "--organization", "One", "--json"),
        ("extract", "shop", "--json"),
        ("show", "shop.public"),
    )
    for verb in verbs:
        loaded = _loaded("--home", str(tmp_path / "none"), *verb)
        assert "fanlight.cli.reading" in loaded
        assert not loaded & {"pydantic", "typer._adapters"}


def test_a_number_is_still_held_to_its_range(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "fanlight.cli.main", "search", "orders", "--limit", "1000"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--limit" in done.stderr


def test_the_title_that_is_told_without_loading_a_connector_is_its_own() -> None:
    assert {one.name: one.title for one in registry.connectors()} == {
        one.name: registry.title(one.name) for one in registry.connectors()
    }
