"""Results that tests find out and the documentation shows: kept as JSON beside the tests, and compared each time.

What a test has just seen must be what is committed; FANLIGHT_TEST_RENEW=1 writes it anew, and `make docs` then renders
it.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).parent


def agree(name: str, part: str, found: dict[str, Any]) -> None:
    """Compare one part of what was found with the committed file of that name; write it where that is asked for.

    found: by case, in the order in which the documentation shows them.
    """
    path = _FOLDER / f"{name}.results.json"
    with (_FOLDER / f"test_{name}.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
        if os.environ.get("FANLIGHT_TEST_RENEW") == "1":
            kept = dict(sorted((kept | {part: found}).items()))
            path.write_text(json.dumps(kept, indent=1, ensure_ascii=True) + "\n", "utf-8")
    before = kept.get(part, {})
    different = [case for case in {**before, **found} if before.get(case) != found.get(case)]
    if different:
        said = "\n".join(f"{case}: {before.get(case)} is now {found.get(case)}" for case in different[:20])
        pytest.fail(
            f"{path.name} is not what was seen just now:\n{said}\nLook at why; then run FANLIGHT_TEST_RENEW=1 "
            f".venv/bin/pytest -n 0 tests/connectors/test_{name}.py && make docs"
        )
