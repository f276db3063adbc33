from django.db import migrations

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial"), ("tenancy", "0001_initial")]

    operations = [
        migration.organization_key("organizations_membership"),
        migration.organization_key("organizations_signinlink"),
        migration.global_key("organizations_membership", "person_id", "organizations_person"),
        migration.tenant_key(
            "organizations_signinlink",
            "person_id",
            "organizations_membership",
            target_column="person_id",
            cascade=True,
        ),
        migrations.RunSQL(
            # Not by organization: a digest is looked up before one is known. 256 random bits do not collide by chance.
            "CREATE UNIQUE INDEX organizations_signinlink_digest ON organizations_signinlink (digest)",
            "DROP INDEX organizations_signinlink_digest",
        ),
        migrations.RunSQL(
            "CREATE INDEX organizations_membership_person ON organizations_membership (person_id)",
            "DROP INDEX organizations_membership_person",
        ),
    ]
