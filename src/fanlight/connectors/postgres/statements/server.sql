-- Who and where we are: version, role, database, encoding, block size.
-- In: nothing. Out: one row.
-- Takes no lock: reads no table. PostgreSQL 13 and later.
SELECT current_setting('server_version_num')::int,
       current_setting('server_version'),
       current_user::text,
       current_database()::text,
       current_setting('server_encoding'),
       current_setting('block_size')::int
