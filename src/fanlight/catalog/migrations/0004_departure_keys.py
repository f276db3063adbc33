from django.db import migrations

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_departures"), ("extraction", "0005_stopping_keys")]

    operations = [
        migration.tenant_key("catalog_departure", "run_id", "extraction_run", cascade=True),
        migration.tenant_key("catalog_departure", "asset_id", "catalog_asset", cascade=True),
    ]
