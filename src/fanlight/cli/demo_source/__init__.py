"""The source databases of `fanlight demo`: an invented trading company's, 'Harbour Goods', and a clinic's."""

from collections.abc import Iterator
from importlib import resources

PARTS = ("schema.sql", "rows.sql", "around.sql", "extra.sql")
CLINIC = ("clinic.sql",)


def read_parts(parts: tuple[str, ...] = PARTS) -> Iterator[tuple[str, str]]:
    """Give the name and the text of each part, in the order in which an empty database takes them.

    Each text is many statements without parameters: send it whole, as one simple query, as a superuser.
    Another role that may create schemas can load it too: it takes three times as long, because every
    reference is checked, and leaves out the foreign table, publications and event triggers.
    """
    for name in parts:
        yield name, resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
