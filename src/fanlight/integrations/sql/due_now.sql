-- Ask the doorway which sources are due.
-- in: most. out: organization_id, integration_id. index: integrations_schedule_due.
SELECT organization_id, integration_id FROM fanlight_due_now(%(most)s)
