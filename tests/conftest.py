"""The world of the tests: a real PostgreSQL with the real roles, and two organizations that must never meet.

Every test makes organizations of its own in a shared database and commits for real; isolation, not clean-up, keeps
tests apart, and so every test is one of isolation too. FANLIGHT_TEST_POSTGRES chooses the server's version.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import django
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

_HOME = Path(tempfile.mkdtemp(prefix="fanlight-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
(_HOME / "static").mkdir()
os.environ["DJANGO_SETTINGS_MODULE"] = "fanlight.config.settings"
os.environ["FANLIGHT_HOME"] = str(_HOME)
for _name in [name for name in os.environ if name.startswith("FANLIGHT_") and name.endswith("_FILE")]:
    del os.environ[_name]
django.setup()

from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from fanlight.core.actors import Actor, ActorKind, Role
from fanlight.core.identifiers import OrganizationId, PersonId
from fanlight.foundation import clock
from fanlight.organizations import services as organizations
from fanlight.organizations.models import Membership, Person
from fanlight.organizations.services import open_session
from fanlight.organizations.types import Browser, SignedIn
from fanlight.tenancy import services as tenancy
from fanlight.tenancy.provision import claim_schema, provision
from fanlight.tenancy.register import isolated_tables
from fanlight.tenancy.scope import refuse_queries_outside
from fanlight.vault import services as vault
from fanlight.vault.types import RootKey
from tests.servers import ThrowawayServer, Version

POSTGRES: Version = "15" if os.environ.get("FANLIGHT_TEST_POSTGRES") == "15" else "18"
ROLES = ("owner", "portal", "worker")
TEMPLATE, DATABASE = "fanlight_template", "fanlight"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the catalogue's database: those tests run on every PostgreSQL that we support."""
    for item in items:
        if "catalogue" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.catalogue)


@dataclass
class Catalogue:
    """The catalogue's own database as the tests see it. passwords: by role, 'owner', 'portal', 'worker'."""

    server: ThrowawayServer
    passwords: dict[str, str]

    def conninfo(self, role: str, database: str = DATABASE) -> str:
        """Return how to connect as a role: one of ours by its short name, or 'postgres'."""
        if role == "postgres":
            return self.server.conninfo(database=database)
        return self.server.conninfo(f"fanlight_{role}", database, self.passwords[role])

    def connect(self, role: str, database: str = DATABASE) -> psycopg.Connection[Any]:
        """Open a connection in autocommit, outside of Django."""
        return psycopg.connect(self.conninfo(role, database), autocommit=True)

    @contextmanager
    def acting_as(self, role: str, database: str = DATABASE) -> Iterator[None]:
        """Let Django be the process of that role for a while."""
        settings = connections.settings["default"]
        before = {key: settings[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
        parts = conninfo_to_dict(self.conninfo(role, database))
        connection.close()
        settings.update(
            USER=parts["user"],
            PASSWORD=parts.get("password", ""),
            HOST=parts["host"],
            PORT=str(parts["port"]),
            NAME=parts["dbname"],
        )
        try:
            yield
        finally:
            connection.close()
            settings.update(before)

    def clone(self, name: str = "") -> str:
        """Return the name of a new, empty catalogue database, for a test that breaks it."""
        name = name or f"fanlight_{secrets.token_hex(4)}"
        with self.server.connect() as server:
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER fanlight_owner").format(
                    sql.Identifier(name), sql.Identifier(TEMPLATE)
                )
            )
        with self.acting_as("owner", name):
            provision()
        return name


@contextmanager
def made_catalogue(folder: Path, **settings: str) -> Iterator[Catalogue]:
    """Start a server with the roles of `tenancy/roles.sql` and a migrated catalogue in it, for as long as the block.

    settings: of the server, over those that make the tests fast.
    """
    server = ThrowawayServer(
        POSTGRES,
        folder,
        hba=["local all " + ",".join(f"fanlight_{role}" for role in ROLES) + " scram-sha-256"],
        settings={"log_statement": "none"} | settings,
    ).start()
    made = Catalogue(server, {role: secrets.token_urlsafe(16) for role in ROLES})
    roles = Path(organizations.__file__).parents[1] / "tenancy" / "roles.sql"
    with server.connect() as admin:
        admin.execute(roles.read_text("utf-8"))
        for role, password in made.passwords.items():
            admin.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(f"fanlight_{role}"), sql.Literal(password)
                )
            )
        admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER fanlight_owner")
    with made.acting_as("owner", TEMPLATE):
        claim_schema()
        call_command("migrate", verbosity=0)
        provision()
    # A copied database has the default rights again: a clone is provisioned like any other.
    made.clone(DATABASE)
    try:
        yield made
    finally:
        connections.close_all()
        server.stop()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The catalogue that the tests share."""
    with made_catalogue(tmp_path_factory.mktemp("catalogue")) as made:
        yield made


@pytest.fixture
def as_portal(catalogue: Catalogue) -> Iterator[Catalogue]:
    """Django connected as the portal, with queries outside a scope refused."""
    refuse = refuse_queries_outside(isolated_tables())

    def wrapper(execute: Any, text: Any, values: Any, many: bool, context: Any) -> Any:
        # Migrations have no scope; forced row security binds their role all the same.
        if connection.settings_dict["USER"] == "fanlight_owner":
            return execute(text, values, many, context)
        return refuse(execute, text, values, many, context)

    with catalogue.acting_as("portal"), connection.execute_wrapper(wrapper):
        yield catalogue


@dataclass
class World:
    """Two organizations: Alice (administrator of A), Bob (viewer of A), Charlie (administrator of B)."""

    catalogue: Catalogue
    root_key: RootKey
    alice: Actor
    bob: Actor
    charlie: Actor
    now: datetime

    @property
    def a(self) -> OrganizationId:
        """Organization A."""
        return self.alice.organization_id

    @property
    def b(self) -> OrganizationId:
        """Organization B."""
        return self.charlie.organization_id

    def email(self, actor: Actor) -> str:
        """Return a person's address."""
        return Person.objects.get(id=actor.person_id).email

    def as_worker(self) -> Any:
        """Let Django be the worker for a while."""
        return self.catalogue.acting_as("worker")


def _organization(label: str, root_key: RootKey, now: datetime) -> tuple[OrganizationId, str, UUID]:
    mark = secrets.token_hex(4)
    email = f"{label}-{mark}@example.com"
    organization_id = organizations.create_organization(
        name=f"{label} {mark}", admin_email=email, admin_name=label.capitalize(), now=now
    )
    with tenancy.scope(organization_id):
        vault.make_organization_key(organization_id=organization_id, root_key=root_key, now=now)
    return organization_id, email, Person.objects.get(email=email).id


@pytest.fixture
def world(as_portal: Catalogue) -> World:
    """Two organizations that must never meet; Django is the portal."""
    now = clock.now()
    root_key = vault.read_root_key(vault.new_root_key_text())

    def actor(organization_id: OrganizationId, person_id: UUID, role: Role) -> Actor:
        return Actor(ActorKind.PERSON, organization_id, PersonId(person_id), role)

    with as_portal.acting_as("worker"):
        a, _, alice = _organization("alice", root_key, now)
        b, _, charlie = _organization("charlie", root_key, now)
        bob = clock.uuid7()
        Person.objects.create(
            id=bob, email=f"bob-{secrets.token_hex(4)}@example.com", name="Bob", created_at=now, password="!"
        )
        with tenancy.scope(a):
            Membership.objects.create(organization_id=a, person_id=bob, role=Role.VIEWER, created_at=now)
    return World(
        catalogue=as_portal,
        root_key=root_key,
        alice=actor(a, alice, Role.ADMINISTRATOR),
        bob=actor(a, bob, Role.VIEWER),
        charlie=actor(b, charlie, Role.ADMINISTRATOR),
        now=now,
    )


class SecureClient(Client):
    """A browser that speaks TLS only, as ours do."""

    def generic(self, *arguments: Any, **options: Any) -> Any:
        """Make any request, over TLS."""
        options["secure"] = True
        return super().generic(*arguments, **options)


@pytest.fixture
def stranger(as_portal: Catalogue) -> Client:
    """A browser that has not signed in."""
    return SecureClient()


@pytest.fixture
def browse(world: World) -> Callable[[Actor], Client]:
    """Return a signed-in browser for an actor."""

    def signed_in(actor: Actor) -> Client:
        client = SecureClient()
        client.force_login(Person.objects.get(id=actor.person_id))
        session = client.session
        session["organization_id"] = str(actor.organization_id)
        session.save()
        assert actor.person_id is not None
        open_session(
            signed_in=SignedIn(person_id=actor.person_id, organization_id=actor.organization_id),
            session_key=session.session_key or "",
            way="link",
            browser=Browser("Firefox on Linux", "192.0.2.7"),
            now=clock.now(),
        )
        return client

    return signed_in
