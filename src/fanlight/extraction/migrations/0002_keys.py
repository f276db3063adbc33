from django.db import migrations

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("extraction", "0001_initial"), ("integrations", "0002_keys")]

    operations = [
        migration.tenant_key("extraction_run", "integration_id", "integrations_integration", cascade=True),
        migration.tenant_key("extraction_ledgerline", "run_id", "extraction_run", cascade=True),
    ]
