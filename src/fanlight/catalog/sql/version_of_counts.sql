-- Tell whether an organization's assets can have changed in number: each merge that changes any writes a change set.
-- in: organization_id. out: number of change sets, time of the latest. index: catalog_changeset_recent.
SELECT count(*), max(at) FROM catalog_changeset WHERE organization_id = %(organization_id)s
