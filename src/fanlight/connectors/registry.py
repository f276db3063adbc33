"""Which kinds of source there are. Add a connector: a folder like its neighbours, and one line here."""

from __future__ import annotations

from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.types import Connector
from fanlight.core.errors import NotFound, WrongUse

_CONNECTORS: dict[str, Connector] = {found.name: found for found in (PostgresConnector(),)}
_SCHEMES = {"postgresql": "postgres", "postgres": "postgres"}


def connectors() -> tuple[Connector, ...]:
    """Return every connector, by name."""
    return tuple(_CONNECTORS[name] for name in sorted(_CONNECTORS))


def connector(name: str) -> Connector:
    """Return one connector. Raises NotFound with the known names."""
    if name not in _CONNECTORS:
        raise NotFound(
            code="connector.unknown",
            detail=f"There is no connector {name!r}.",
            remedy=f"Known are: {', '.join(sorted(_CONNECTORS))}.",
        )
    return _CONNECTORS[name]


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
