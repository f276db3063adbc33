from django.db import migrations

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("integrations", "0002_keys")]

    operations = [
        migration.tenant_key("catalog_asset", "integration_id", "integrations_integration", cascade=True),
        migration.tenant_key("catalog_column", "asset_id", "catalog_asset", cascade=True),
        migration.tenant_key("catalog_statistic", "asset_id", "catalog_asset", cascade=True),
        # What arrives is worthless after a crash: the run starts again. So it needs no write-ahead log.
        migrations.RunSQL(
            "ALTER TABLE catalog_arrival SET UNLOGGED", "ALTER TABLE catalog_arrival SET LOGGED"
        ),
        # Passed on as text, unparsed, until the merge reads it once.
        migrations.RunSQL(
            "ALTER TABLE catalog_arrival ALTER COLUMN facts TYPE json, ALTER COLUMN columns TYPE json, "
            "ALTER COLUMN column_ids TYPE json",
            migrations.RunSQL.noop,
        ),
    ]
