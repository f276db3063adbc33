"""R1: a source needs to grant only READ. The printed scripts grant no more, and credentials without more suffice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot.dialects.postgres import Postgres

from fanlight.connectors import registry
from fanlight.foundation import database
from fanlight.tenancy import queries as tenancy
from fanlight.tenancy import services as scopes
from fanlight.trust.types import Control, Findings, Occasion, Outcome, Zone

_NAME = "<name>"
# What a script for PostgreSQL may say, word by word; the settings of a role that follow CREATE ROLE in any order.
_POSTGRES = (
    f"GRANT CONNECT ON DATABASE {_NAME} TO {_NAME}",
    f"ALTER ROLE {_NAME} SET default_transaction_read_only = on",
)
_POSTGRES_ROLE = frozenset(
    {"LOGIN", "NOSUPERUSER", "NOCREATEDB", "NOCREATEROLE", "NOREPLICATION", "NOBYPASSRLS", "NOINHERIT"}
    | {"CONNECTION", "LIMIT", "3"}
)
_SETTINGS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "postgres": (
        {"user": "fanlight", "databases": "shop"},
        {"user": 'odd"name', "databases": 'shop,"a ""b"", c"'},
    ),
}


def check(occasion: Occasion) -> Outcome:
    """Read every printed script word by word, and count the credentials that could do no more and sufficed."""
    findings, statements = Findings(), 0
    for connector in registry.connectors():
        if connector.name not in _SETTINGS:
            findings.add("script.unknown", connector=connector.name)
            continue
        for settings in _SETTINGS[connector.name]:
            for statement in _statements(connector.permission_script(settings)):
                statements += 1
                if not _is_least(statement):
                    findings.add(
                        "script.wider", connector=connector.name, statement=" ".join(statement)[:200]
                    )
    integrations = unable = blind = 0
    for one in tenancy.organizations():
        with scopes.scope(one.id):
            values = {"organization_id": one.id}
            ((every, cannot_write, cannot_read),) = database.rows("trust", "credentials_by_reach", values)
        integrations, unable, blind = integrations + every, unable + cannot_write, blind + cannot_read
    counts = {
        "statements of printed scripts": statements,
        "integrations": integrations,
        "credentials that sufficed and cannot write": unable,
        "credentials that sufficed and cannot read a row": blind,
    }
    return Outcome(counts, findings, is_exercised=unable > 0)


def _statements(script: str) -> Iterator[list[str]]:
    """Yield the words of each statement, names as `<name>`; a client's own command as it stands."""
    plain = []
    for line in script.splitlines():
        if line.startswith("\\"):
            yield line.split()[:1]
        else:
            plain.append(line)
    statement: list[str] = []
    for token in Postgres().tokenize("\n".join(plain)):
        if token.text == ";":
            yield statement
            statement = []
        else:
            statement.append(_NAME if token.token_type.name == "IDENTIFIER" else token.text)
    if statement:
        yield statement


def _is_least(statement: Sequence[str]) -> bool:
    said = " ".join(statement)
    if said in _POSTGRES or said == "\\password":
        return True
    return said.startswith(f"CREATE ROLE {_NAME} ") and set(statement[3:]) <= _POSTGRES_ROLE


CONTROL = Control(
    promise="R1",
    zone=Zone.WORKER,
    how="Every script that is printed for a source is read word by word, and credentials are counted that can do no "
    "more than read and whose extraction succeeded.",
    findings={
        "script.unknown": "A kind of source has a script that this control cannot judge.",
        "script.wider": "A printed script grants more than to connect.",
    },
    check=check,
)
