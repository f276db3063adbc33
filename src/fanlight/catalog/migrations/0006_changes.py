from django.db import migrations, models

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_approved"),
        ("integrations", "0002_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeSet",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "run_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("run_id", models.UUIDField()),
                ("integration_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("is_first", models.BooleanField()),
                ("total", models.IntegerField()),
                ("kept", models.IntegerField()),
                ("counts", models.JSONField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization_id"), models.F("at"), name="catalog_changeset_recent"
                    ),
                    models.Index(
                        models.F("organization_id"),
                        models.F("integration_id"),
                        models.F("at"),
                        name="catalog_changeset_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "run_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("run_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("asset_id", models.UUIDField()),
                ("part", models.TextField()),
                ("name", models.TextField()),
                ("field", models.TextField()),
                ("action", models.CharField(max_length=10)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization_id"),
                        models.F("asset_id"),
                        models.F("run_id"),
                        name="catalog_change_asset",
                    )
                ],
            },
        ),
        migration.tenant_key("catalog_changeset", "integration_id", "integrations_integration", cascade=True),
        migration.tenant_key(
            "catalog_change", "run_id", "catalog_changeset", target_column="run_id", cascade=True
        ),
    ]
