from django.db import migrations

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial"), ("vault", "0002_keys")]

    operations = [
        migration.organization_key("integrations_integration"),
        migration.tenant_key(
            "vault_sealedcredential", "integration_id", "integrations_integration", cascade=True
        ),
    ]
