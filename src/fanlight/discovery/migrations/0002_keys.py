from django.db import migrations

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("discovery", "0001_initial"), ("catalog", "0002_keys")]

    operations = [
        migration.tenant_key("discovery_entry", "asset_id", "catalog_asset", cascade=True),
        migrations.RunSQL(
            "CREATE INDEX discovery_entry_path ON discovery_entry (organization_id, reversed text_pattern_ops)",
            "DROP INDEX discovery_entry_path",
        ),
        # Names are matched from their start as they are typed; Django makes the index without the pattern class.
        migrations.RunSQL(
            "CREATE INDEX discovery_entry_prefix ON discovery_entry (organization_id, lower_name text_pattern_ops)",
            "DROP INDEX discovery_entry_prefix",
        ),
    ]
