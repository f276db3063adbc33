-- Forget the words of an integration that are in no name and no comment any more.
-- in: organization_id, integration_id. out: count. index: primary key's first column.
DELETE FROM discovery_word
WHERE organization_id = %(organization_id)s AND integration_id = %(integration_id)s AND names <= 0 AND comments <= 0
