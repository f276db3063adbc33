"""The ground that this room's tests break and mend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Catalogue
from tests.trust.ground import Ground, make_ground


@pytest.fixture(scope="module")
def ground(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A running catalogue. Whoever breaks it mends it: at the end every promise stands as in the beginning."""
    made = make_ground(catalogue, tmp_path_factory.mktemp("ground"))
    before = made.check()
    assert "broken" not in before.values(), made.findings()
    yield made
    assert made.check() == before, made.findings()
