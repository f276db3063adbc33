from django.db import migrations

from fanlight.tenancy import migration


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("tenancy", "0001_initial")]

    operations = [
        migration.organization_key("audit_audithead"),
        migration.organization_key("audit_auditevent"),
    ]
