from django.db import migrations

from fanlight.tenancy import migration

# Once a day, at a minute of its own, as `integrations.cadence.daily_for` chooses it.
_EVERY_INTEGRATION = """
INSERT INTO integrations_schedule (organization_id, integration_id, cron, next_at, failures, refusals, stopped_reason)
SELECT i.organization_id, i.id, m.minute % 60 || ' ' || m.minute / 60 || ' * * *',
  date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '1 day' + make_interval(mins => m.minute),
  0, 0, ''
FROM integrations_integration i
CROSS JOIN LATERAL (
  SELECT (('x' || right(replace(i.id::text, '-', ''), 8))::bit(32)::bigint % 1440)::integer AS minute) m
WHERE NOT EXISTS (
  SELECT FROM integrations_schedule s WHERE s.organization_id = i.organization_id AND s.integration_id = i.id)
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_schedules")]

    operations = [
        migration.tenant_key(
            "integrations_schedule", "integration_id", "integrations_integration", cascade=True
        ),
        migration.tenant_key(
            "integrations_privilegereport", "integration_id", "integrations_integration", cascade=True
        ),
        migration.organization_key("integrations_policy"),
        migration.in_each_organization(
            change=_EVERY_INTEGRATION, to_change="SELECT count(*) FROM integrations_integration"
        ),
    ]
