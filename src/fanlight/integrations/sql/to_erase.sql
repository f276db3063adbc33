-- Ask the doorway which sources are deleted and not erased yet.
-- in: most. out: organization_id, integration_id. index: integrations_integration_del.
SELECT organization_id, integration_id FROM fanlight_to_erase(%(most)s)
