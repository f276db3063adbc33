"""What migrations need and Django does not make: keys that begin with the organization, and changes of its rows."""

from __future__ import annotations

from datetime import UTC, datetime

from django.apps.registry import Apps as StateApps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q
from psycopg import sql

FIRST_MOMENT, LAST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def sane(field: str) -> Q:
    """Return the condition that a moment is one that every program can read: PostgreSQL knows infinity, too."""
    return Q(**{f"{field}__range": (FIRST_MOMENT, LAST_MOMENT)})


def organization_key(table: str) -> migrations.RunSQL:
    """Return the operation that ties a tenant table to the directory of organizations."""
    name = f"{table}_organization_fk"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (organization_id) "
        "REFERENCES tenancy_organization (id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def tenant_key(
    table: str, column: str, target: str, *, target_column: str = "id", cascade: bool = False
) -> migrations.RunSQL:
    """Return the operation that makes (organization_id, column) point into a tenant table.

    A foreign key check ignores row security, so a key without the organization would accept, and thereby betray,
    another organization's row. cascade: whether the row goes when its target goes.
    """
    name = f"{table}_{column}_fk"
    action = " ON DELETE CASCADE" if cascade else ""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (organization_id, {column}) "
        f"REFERENCES {target} (organization_id, {target_column}){action}",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def global_key(table: str, column: str, target: str) -> migrations.RunSQL:
    """Return the operation that makes a column point into a global table."""
    name = f"{table}_{column}_fk"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {target} (id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class RowsNotChanged(RuntimeError):
    """A data migration touched another number of rows than there were to touch."""


def in_each_organization(*, change: str, to_change: str) -> migrations.RunPython:
    """Return the operation that changes rows organization by organization and counts them.

    An owner's UPDATE under forced row security changes 0 rows without an error, so each organization is set before
    its rows are touched, and what was touched is compared with what was there. change: one UPDATE, INSERT or DELETE;
    to_change: a SELECT count(*) of the rows that it must touch. Both run in the organization's setting. Raises
    RowsNotChanged, which undoes the migration.
    """

    def run(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT id FROM tenancy_organization ORDER BY id")
            for (organization_id,) in cursor.fetchall():
                cursor.execute(
                    sql.SQL("SET LOCAL fanlight.organization_id = {}").format(
                        sql.Literal(str(organization_id))
                    )
                )
                cursor.execute(to_change)
                expected = cursor.fetchone()[0]
                cursor.execute(change)
                if cursor.rowcount != expected:
                    raise RowsNotChanged(f"{cursor.rowcount} of {expected} rows changed")
            cursor.execute("SET LOCAL fanlight.organization_id = ''")

    return migrations.RunPython(run, migrations.RunPython.noop)
