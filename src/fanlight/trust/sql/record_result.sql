-- Note what a control found. When, and by whom, the database adds by itself.
-- in: promise, state, milliseconds, evidence, findings (JSON as text). out: one row inserted.
-- index: none
INSERT INTO trust_result (promise, state, milliseconds, evidence, findings)
VALUES (%(promise)s, %(state)s, %(milliseconds)s, %(evidence)s::jsonb, %(findings)s::jsonb)
