-- Read a session that has not expired.
-- in: session_key, now. out: session_data; at most one row. index: primary key.
SELECT s.session_data FROM django_session s WHERE s.session_key = %(session_key)s AND s.expire_date > %(now)s
