"""A running catalogue to break: its own database, the real roles, two organizations, each with an extracted source."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import sql

from fanlight.core.actors import Actor
from fanlight.core.identifiers import IntegrationId, OrganizationId
from fanlight.extraction import services as extraction
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from fanlight.organizations import services as organizations
from fanlight.tenancy import services as tenancy
from fanlight.trust import queries, services
from fanlight.trust.types import State, Zone
from fanlight.vault import services as vault
from fanlight.vault.types import RootKey
from tests.conftest import Catalogue

# A source with marked rows and marked literals, none of which may ever be found in the catalogue.
SOURCE = """
CREATE SCHEMA sales;
CREATE TABLE sales.customers (
  customer_id bigint PRIMARY KEY,
  email text NOT NULL DEFAULT 'flliteral_default',
  CONSTRAINT not_this CHECK (email <> 'flliteral_check'));
CREATE TABLE sales.orders (order_id bigint PRIMARY KEY, customer_id bigint REFERENCES sales.customers, note text);
CREATE VIEW sales.noted AS SELECT order_id FROM sales.orders WHERE note = 'flliteral_view' AND order_id > 41;
CREATE INDEX noted_orders ON sales.orders (order_id) WHERE note = 'flliteral_predicate';
INSERT INTO sales.customers VALUES (1, 'flrow_alice@example.com');
INSERT INTO sales.orders VALUES (1, 1, 'flrow_leave it at the door');
COMMENT ON TABLE sales.customers IS 'Everybody who ever bought something.';
"""


@dataclass
class Tenant:
    """An organization with one source. database, reader: of the source; reader may connect and nothing else."""

    organization_id: OrganizationId
    integration_id: IntegrationId
    database: str
    reader: str


@dataclass
class Ground:
    """A catalogue that may be broken: nobody else uses its database."""

    catalogue: Catalogue
    database: str
    folder: Path
    root_key_text: str
    root_key: RootKey
    tenants: list[Tenant] = field(default_factory=list)

    def psql(self, statement: str, *values: object) -> None:
        """Do something to the catalogue's database as the server's superuser, as nothing of ours ever could."""
        with self.catalogue.connect("postgres", self.database) as session:
            session.execute(statement, values or None)

    def at_source(self, tenant: Tenant, statement: str) -> None:
        """Do something at a source, as its owner."""
        with self.catalogue.connect("postgres", tenant.database) as session:
            session.execute(statement)

    @contextmanager
    def acting_as(self, role: str) -> Iterator[None]:
        """Let Django be the process of that role on this database."""
        with self.catalogue.acting_as(role, self.database):
            yield

    def check(self) -> dict[str, State]:
        """Try every control now, each as the role of its zone, and return how all promises stand."""
        with self.acting_as("portal"):
            services.check(zone=Zone.PORTAL)
        with self.acting_as("worker"):
            services.check(zone=Zone.WORKER, root_key=self.root_key, home=self.folder)
        return self.states()

    def states(self) -> dict[str, State]:
        """Return how all promises stand, as the portal's role reads it."""
        with self.acting_as("portal"):
            return {one.promise.id: one.state for one in queries.standings(now=clock.now())}

    def findings(self) -> dict[str, list[dict[str, Any]]]:
        """Return what the latest checks hold for the operator."""
        with self.acting_as("worker"):
            return queries.findings()

    def extract(self, tenant: Tenant) -> None:
        """Carry out a run, as the worker does."""
        actor = Actor.operator(tenant.organization_id)
        with self.acting_as("worker"):
            run_id = extraction.request_run(
                actor=actor, integration_id=tenant.integration_id, is_deferred=False, now=clock.now()
            )
            run = extraction.execute_run(
                organization_id=tenant.organization_id, run_id=run_id, root_key=self.root_key
            )
        assert run.state == "succeeded", run.problem

    def check_with(self, package: Path) -> dict[str, State]:
        """Try every control by real processes that run a copy of the package, and return how all promises stand."""
        printed = ""
        for role in ("portal", "worker"):
            done = subprocess.run(
                [sys.executable, "-P", "-m", "fanlight.cli.main", "promises", "--json"],
                env=self._environment(role) | {"PYTHONPATH": str(package)},
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            assert done.returncode in (0, 1), done.stderr
            printed = done.stdout
        return {one["id"]: State(one["state"]) for one in json.loads(printed)}

    def _environment(self, role: str) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        url = self.folder / f"{role}.url"
        parts = self.catalogue.server
        password = self.catalogue.passwords[role]
        url.write_text(
            f"postgresql://fanlight_{role}:{password}@/{self.database}?host={parts.socket_folder}&port={parts.port}"
        )
        key = self.folder / "root.key"
        key.write_text(self.root_key_text)
        made = {"FANLIGHT_HOME": str(self.folder / "home"), "FANLIGHT_DATABASE_URL_FILE": str(url)}
        return kept | made | ({"FANLIGHT_ROOT_KEY_FILE": str(key)} if role == "worker" else {})


def make_ground(catalogue: Catalogue, folder: Path) -> Ground:
    """Return a catalogue of its own, with two organizations whose sources are extracted, every control tried once."""
    text = vault.new_root_key_text()
    ground = Ground(catalogue, catalogue.clone(), folder, text, vault.read_root_key(text))
    for label in ("alice", "charlie"):
        ground.tenants.append(_tenant(ground, label))
    for tenant in ground.tenants:
        ground.extract(tenant)
    return ground


def _tenant(ground: Ground, label: str) -> Tenant:
    mark = secrets.token_hex(4)
    database, reader, password = f"source_{mark}", f"reader_{mark}", secrets.token_urlsafe(12)
    with ground.catalogue.server.connect() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}").format(
                sql.Identifier(reader), sql.Literal(password)
            )
        )
    with ground.catalogue.connect("postgres", database) as source:
        source.execute(SOURCE)
    now = clock.now()
    with ground.acting_as("worker"):
        organization_id = organizations.create_organization(
            name=f"{label} {mark}", admin_email=f"{label}-{mark}@example.com", admin_name=label, now=now
        )
        with tenancy.scope(organization_id):
            vault.make_organization_key(organization_id=organization_id, root_key=ground.root_key, now=now)
    with ground.acting_as("portal"):
        integration_id = integrations.add_integration(
            actor=Actor.operator(organization_id),
            name="shop",
            connector="postgres",
            settings={
                "host": str(ground.catalogue.server.socket_folder),
                "port": str(ground.catalogue.server.port),
                "user": reader,
                "databases": database,
            },
            secret=password,
            now=now,
        )
    return Tenant(organization_id, integration_id, database, reader)
