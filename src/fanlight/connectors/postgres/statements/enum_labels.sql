-- The labels of enum types, in their order.
-- In: $1 oids of types. Out: oid of the type, labels.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 and later.
-- Index: pg_enum_typid_sortorder_index.
SELECT e.enumtypid,
       array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
FROM pg_enum e
WHERE e.enumtypid = ANY ($1::oid[])
GROUP BY e.enumtypid
