-- Append statements to a run's ledger.
-- in: organization_id, run_id, and parallel arrays of the lines. out: count. index: primary key.
INSERT INTO extraction_ledgerline (organization_id, run_id, number, statement, digest, source, started_at,
  milliseconds, rows, size_bytes, error)
SELECT %(organization_id)s, %(run_id)s, l.*
FROM unnest(%(numbers)s::integer[], %(statements)s::text[], %(digests)s::text[], %(sources)s::text[],
  %(started)s::timestamptz[], %(milliseconds)s::float8[], %(rows)s::bigint[], %(sizes)s::bigint[],
  %(errors)s::text[]) AS l
