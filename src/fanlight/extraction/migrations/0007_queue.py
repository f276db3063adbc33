from django.db import migrations

# What the portal may ask of the worker: these jobs, at once, each with the marks that its own service gives it. A row
# that held another's lock, or that never ended, would stop the dispatcher for every organization.
_GUARD = """
CREATE FUNCTION fanlight_guard_queue() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_user = 'fanlight_portal' AND NOT (
    NEW.priority = 0 AND NEW.scheduled_at IS NULL
    AND ((NEW.task_name = 'extraction.run_next' AND NEW.queue_name = 'extraction' AND NEW.args = '{}'
          AND NEW.lock IS NULL AND NEW.queueing_lock IS NULL)
      OR (NEW.task_name IN ('extraction.end_stopped', 'extraction.erase_integration') AND NEW.queue_name = 'quick'
          AND NEW.lock IS NULL
          AND NEW.queueing_lock IS NOT DISTINCT FROM 'erase ' || (NEW.args ->> 'integration_id'))
      OR (NEW.task_name = 'extraction.test_connection' AND NEW.queue_name = 'quick'
          AND NEW.lock = 'test ' || (NEW.args ->> 'organization_id')
          AND NEW.queueing_lock = 'test ' || (NEW.args ->> 'integration_id'))))
  THEN
    RAISE insufficient_privilege USING MESSAGE = 'the portal may not ask for this job';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION fanlight_guard_queue() FROM PUBLIC;
CREATE TRIGGER fanlight_guard BEFORE INSERT ON procrastinate_jobs
  FOR EACH ROW EXECUTE FUNCTION fanlight_guard_queue();
"""


class Migration(migrations.Migration):
    dependencies = [("extraction", "0006_checks"), ("procrastinate", "0041_post_retry_failed_job")]

    operations = [
        migrations.RunSQL(
            _GUARD, "DROP TRIGGER fanlight_guard ON procrastinate_jobs; DROP FUNCTION fanlight_guard_queue()"
        ),
    ]
