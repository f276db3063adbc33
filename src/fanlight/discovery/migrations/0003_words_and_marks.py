import django.contrib.postgres.search
from django.apps.registry import Apps as StateApps
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from psycopg import sql

from fanlight.foundation import database
from fanlight.tenancy import migration


def rebuild(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make every organization's entries from its catalogue. A later change of their shape does this in its own stead."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # as `database.joining_whole`
        cursor.execute("SELECT id FROM tenancy_organization ORDER BY id")
        for (organization_id,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("SET LOCAL fanlight.organization_id = {}").format(sql.Literal(str(organization_id)))
            )
            cursor.execute(
                "SELECT DISTINCT integration_id FROM catalog_asset WHERE organization_id = %s",
                [organization_id],
            )
            for (integration_id,) in cursor.fetchall():
                values = {
                    "organization_id": organization_id,
                    "integration_id": integration_id,
                    "run_id": None,
                    "lease": None,
                    "firsts": [],
                    "lasts": [],
                    "sign": 1,
                }
                for step in ("enter_assets", "enter_columns", "count_words"):
                    cursor.execute(database.sql_file("discovery", step), values)
        cursor.execute("SET LOCAL fanlight.organization_id = ''")
        cursor.execute("SET LOCAL enable_nestloop = on")


class Migration(migrations.Migration):
    dependencies = [
        ("discovery", "0002_keys"),
        ("catalog", "0005_approved"),
        ("integrations", "0002_keys"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        # It returns more now, which CREATE OR REPLACE does not allow; made again after every migration.
        migrations.RunSQL(
            "SET LOCAL ROLE fanlight_search; DROP FUNCTION IF EXISTS fanlight_search(text, integer); RESET ROLE",
            migrations.RunSQL.noop,
        ),
        migrations.DeleteModel("Entry"),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "asset_id",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("asset_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("is_column", models.BooleanField()),
                ("word_count", models.SmallIntegerField()),
                ("prior", models.FloatField()),
                ("name", models.TextField()),
                ("path", models.TextField(null=True)),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "word",
                        "integration_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("word", models.TextField(db_collation="C")),
                ("integration_id", models.UUIDField()),
                ("names", models.IntegerField()),
                ("comments", models.IntegerField()),
            ],
        ),
        migration.tenant_key("discovery_word", "integration_id", "integrations_integration", cascade=True),
        migrations.RunPython(rebuild, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="entry",
            index=GinIndex("words", name="discovery_entry_assets", condition=models.Q(("is_column", False))),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=GinIndex("words", name="discovery_entry_columns", condition=models.Q(("is_column", True))),
        ),
        # Compares edit distances in C; trusted, so the schema's owner may add it.
        migrations.RunSQL(
            "CREATE EXTENSION IF NOT EXISTS fuzzystrmatch WITH SCHEMA public", migrations.RunSQL.noop
        ),
    ]
