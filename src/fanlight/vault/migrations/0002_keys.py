from django.db import migrations

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial"), ("tenancy", "0001_initial")]

    operations = [
        migration.organization_key("vault_organizationkey"),
        migration.tenant_key("vault_wrappedkey", "version", "vault_organizationkey", target_column="version"),
        migration.tenant_key(
            "vault_sealedcredential", "key_version", "vault_organizationkey", target_column="version"
        ),
    ]
