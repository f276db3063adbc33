"""Which kinds of source there are. Add a connector: a folder like its neighbours, and one line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import NamedTuple

from fanlight.connectors.types import Connector
from fanlight.core.errors import NotFound, WrongUse


class _Kind(NamedTuple):
    """A connector that is loaded when it is asked for: most pages and verbs only want its title."""

    title: str
    module: str
    factory: str


_KINDS = {
    "postgres": _Kind("PostgreSQL", "fanlight.connectors.postgres.connector", "PostgresConnector"),
}
_SCHEMES = {"postgresql": "postgres", "postgres": "postgres"}


def connectors() -> tuple[Connector, ...]:
    """Return every connector, by name."""
    return tuple(connector(name) for name in sorted(_KINDS))


@cache
def connector(name: str) -> Connector:
    """Return one connector. Raises NotFound with the known names."""
    kind = _kind(name)
    found: Connector = getattr(import_module(kind.module), kind.factory)()
    return found


def title(name: str) -> str:
    """Return what a connector is called, without loading it. Raises NotFound with the known names."""
    return _kind(name).title


def _kind(name: str) -> _Kind:
    if name not in _KINDS:
        raise NotFound(
            code="connector.unknown",
            detail=f"There is no connector {name!r}.",
            remedy=f"Known are: {', '.join(sorted(_KINDS))}.",
        )
    return _KINDS[name]


def connector_for_url(url: str) -> Connector:
    """Return the connector that reads such a URL. Raises WrongUse, which repeats nothing of the URL."""
    name = _SCHEMES.get(url.partition("://")[0].lower())
    if name is None:
        raise WrongUse(
            code="url.unknown_scheme",
            detail="No connector reads addresses of this kind.",
            remedy=f"Known are: {', '.join(f'{scheme}://' for scheme in sorted(_SCHEMES))}.",
        )
    return connector(name)
