from django.db import migrations, models

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("organizations", "0002_keys"), ("tenancy", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="MemberSession",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("person_id", models.UUIDField()),
                ("digest", models.BinaryField(max_length=32)),
                ("way", models.CharField(max_length=20)),
                ("device", models.CharField(max_length=80)),
                ("address", models.CharField(max_length=45)),
                ("opened_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("receipt_id", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization_id"),
                        models.F("digest"),
                        name="organizations_membersession_digest",
                    )
                ],
                "indexes": [
                    models.Index(
                        models.F("organization_id"),
                        models.F("person_id"),
                        name="organizations_session_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("person_id", models.UUIDField()),
                ("name", models.CharField(max_length=200)),
                ("email", models.CharField(max_length=254)),
                ("revoked_at", models.DateTimeField()),
                ("revoked_by", models.UUIDField(null=True)),
                ("ended", models.JSONField()),
                ("audit_sequence", models.BigIntegerField()),
                ("refused_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization_id"),
                        models.F("revoked_at"),
                        name="organizations_receipt_recent",
                    )
                ],
            },
        ),
        migration.organization_key("organizations_membersession"),
        migration.organization_key("organizations_receipt"),
    ]
