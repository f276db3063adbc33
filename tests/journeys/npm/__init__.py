"""Parts of the tests that come from npm: each folder pins one with its digests, and is installed when it is needed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PINNED = Path(__file__).parent
INSTALLED = Path(__file__).parents[3] / "build" / "npm"
needs_npm = pytest.mark.skipif(
    shutil.which("npm") is None,
    reason="needs npm (apt-get install npm), which brings the accessibility rules",
)


def installed(name: str) -> Path:
    """Return the folder of a part, brought as its lock file says; npm compares the digests. Raises CalledProcessError."""
    folder = INSTALLED / name
    mark = folder / "lock.mark"
    lock = (PINNED / name / "package-lock.json").read_text("utf-8")
    if not mark.exists() or mark.read_text("utf-8") != lock:
        folder.mkdir(parents=True, exist_ok=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(PINNED / name / file, folder)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "ci", *quiet], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        mark.write_text(lock, "utf-8")
    return folder / "node_modules"
