from django.db import migrations

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("extraction", "0004_stopping")]

    operations = [
        migration.tenant_key("extraction_stoprequest", "run_id", "extraction_run", cascade=True),
        migration.tenant_key("extraction_approval", "run_id", "extraction_run", cascade=True),
    ]
