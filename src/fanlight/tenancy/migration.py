"""What migrations need and Django does not make: foreign keys that begin with the organization."""

from __future__ import annotations

from django.db import migrations


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
