"""Ways to make a read-only connection write, read what is not metadata, or disturb: data for `test_evasions.py`.

Each is one statement or several in a row, sent over one session. {scratch} is a folder that the server may write to,
{conninfo} leads back to the server with a password, {trusted} without one, {victim} is the backend of a bystander.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["write", "read", "disturb"]


@dataclass(frozen=True)
class Evasion:
    """One way. effect: what it would do if nothing stopped it."""

    name: str
    kind: Kind
    effect: str
    steps: tuple[str, ...]


# What stands for the places where nothing is sent to a server: the first two locks need none.
_TYPICAL = {
    "{scratch}": "/scratch", "{data}": "/data", "{database}": "shop", "{victim}": "4711",
    "{conninfo}": "dbname=shop user=courier password=secret", "{trusted}": "dbname=shop user=postgres",
}  # fmt: skip


def typical(step: str) -> str:
    """Return a step with a typical value in each place."""
    for name, value in _TYPICAL.items():
        step = step.replace(name, value)
    return step


def _write(name: str, effect: str, *steps: str) -> Evasion:
    return Evasion(name, "write", effect, steps)


def _read(name: str, effect: str, *steps: str) -> Evasion:
    return Evasion(name, "read", effect, steps)


def _disturb(name: str, effect: str, *steps: str) -> Evasion:
    return Evasion(name, "disturb", effect, steps)


_INSERT = "INSERT INTO shop.audit VALUES ('evaded')"

_ROWS = (
    _write("insert", "adds a row", _INSERT),
    _write("update", "changes rows", "UPDATE shop.customers SET name = 'evaded'"),
    _write("delete", "removes rows", "DELETE FROM shop.audit"),
    _write("truncate", "empties a table", "TRUNCATE shop.audit"),
    _write(
        "merge",
        "adds a row",
        "MERGE INTO shop.audit a USING (SELECT 'evaded' AS t) s ON a.what = s.t"
        " WHEN NOT MATCHED THEN INSERT VALUES (s.t)",
    ),
    _write("cte insert", "adds a row", f"WITH w AS ({_INSERT} RETURNING 1) SELECT * FROM w"),
    _write(
        "cte update in the middle",
        "changes rows",
        "WITH a AS (SELECT 1), b AS (UPDATE shop.customers SET name = 'evaded' RETURNING id) SELECT count(*) FROM b",
    ),
    _write("cte delete", "removes rows", "WITH w AS (DELETE FROM shop.audit RETURNING 1) SELECT 1"),
    _write("select into", "makes a table", "SELECT 1 AS a INTO shop.evaded"),
    _write("copy from program", "adds rows", "COPY shop.audit FROM PROGRAM 'echo evaded'"),
    _write("copy from a file", "adds rows", "COPY shop.audit FROM '{scratch}/input'"),
    _write("explain analyze", "adds a row", f"EXPLAIN ANALYZE {_INSERT}"),
    _write("explain analyze cte", "adds a row", f"EXPLAIN (ANALYZE) WITH w AS ({_INSERT} RETURNING 1) TABLE w"),
    _write("nextval", "moves a sequence on", "SELECT nextval('shop.numbers')"),
    _write("setval", "moves a sequence", "SELECT setval('shop.numbers', 99)"),
    _write("refresh", "fills a materialised view anew", "REFRESH MATERIALIZED VIEW shop.totals"),
    _write("force kill a row", "kills a row in its page", "SELECT public.heap_force_kill('shop.audit'::regclass, ARRAY['(0,1)']::tid[])"),
)  # fmt: skip

_DEFINITIONS = (
    _write("create table", "makes a table", "CREATE TABLE shop.evaded (a integer)"),
    _write("create table as", "makes a table", "CREATE TABLE shop.evaded AS SELECT 1 AS a"),
    _write("create temporary table", "makes a table", "CREATE TEMP TABLE evaded (a integer)"),
    _write(
        "temporary view in a catalogue's name",
        "shadows pg_class for this session",
        "CREATE TEMP VIEW pg_class AS SELECT 1 AS oid",
        "SELECT c.oid FROM pg_class c",
    ),
    _write("alter table", "adds a column", "ALTER TABLE shop.audit ADD COLUMN evaded integer"),
    _write("drop table", "drops a table", "DROP TABLE shop.audit"),
    _write("create index", "makes an index", "CREATE INDEX evaded ON shop.customers (name)"),
    _write("create view", "makes a view", "CREATE VIEW shop.evaded AS SELECT 1 AS a"),
    _write("create schema", "makes a schema", "CREATE SCHEMA evaded"),
    _write("create function", "makes a function", "CREATE FUNCTION shop.evaded() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    _write("create extension", "installs an extension", "CREATE EXTENSION cube"),
    _write("create role", "makes a role", "CREATE ROLE evaded"),
    _write("alter role", "changes its own settings", "ALTER ROLE CURRENT_USER SET default_transaction_read_only = off"),
    _write("alter database", "changes settings", "ALTER DATABASE {database} SET work_mem = '8MB'"),
    _write("alter system", "changes the server's settings", "ALTER SYSTEM SET work_mem = '5MB'"),
    _write("alter system outside", "changes the server's settings", "COMMIT", "ALTER SYSTEM SET work_mem = '5MB'"),
    _write("comment", "changes a comment", "COMMENT ON TABLE shop.customers IS 'evaded'"),
    _write("grant", "gives a right", "GRANT SELECT ON shop.customers TO PUBLIC"),
    _write("import foreign schema", "makes foreign tables", "IMPORT FOREIGN SCHEMA shop FROM SERVER back INTO shop"),
    _write("replication origin", "makes one", "SELECT pg_replication_origin_create('evaded')"),
    _write("import collations", "adds collations", "SELECT pg_import_system_collations('shop')"),
)  # fmt: skip

_OBJECTS_AND_FILES = (
    _write("lo_create", "makes a large object", "SELECT lo_create(0)"),
    _write("lo_from_bytea", "makes a large object", "SELECT lo_from_bytea(0, 'evaded')"),
    _write("lo_put", "changes a large object", "SELECT lo_put(4711, 0, 'evaded')"),
    _write("lo_unlink", "removes a large object", "SELECT lo_unlink(4711)"),
    _write("lo_import", "makes a large object", "SELECT lo_import('/etc/hostname')"),
    _write("lo_open and lowrite", "changes a large object", "SELECT lowrite(lo_open(4711, 131072), 'evaded')"),
    _write("lo_export", "writes a file at the server", "SELECT lo_export(4711, '{scratch}/evaded')"),
    _write("copy to a file", "writes a file at the server", "COPY shop.customers TO '{scratch}/evaded'"),
    _write("copy to program", "runs a program", "COPY (SELECT 1) TO PROGRAM 'cat > {scratch}/evaded'"),
    _write("pg_file_write", "writes a file at the server", "SELECT pg_file_write('{scratch}/evaded', 'x', false)"),
    _write("foreign table of a program", "runs a program", "SELECT * FROM shop.program"),
    _write("file in the data folder", "writes a file at the server", "COPY (SELECT 1) TO '{data}/evaded'"),
)  # fmt: skip

_ELSEWHERE = (
    _write(
        "dblink_exec",
        "writes by a connection of its own",
        f"SELECT public.dblink_exec('{{trusted}}', $i${_INSERT}$i$)",
    ),
    _write(
        "dblink_exec with a password",
        "writes by a connection of its own",
        f"SELECT public.dblink_exec('{{conninfo}}', $i${_INSERT}$i$)",
    ),
    _write(
        "dblink in from",
        "writes by a connection of its own",
        f"SELECT * FROM public.dblink('{{conninfo}}', $i${_INSERT} RETURNING 'x'$i$) AS t (a text)",
    ),
    _write(
        "dblink kept open",
        "writes by a connection of its own",
        "SELECT public.dblink_connect('c', '{conninfo}')",
        f"SELECT public.dblink_exec('c', $i${_INSERT}$i$)",
    ),
    _write(
        "foreign view", "runs a function that writes, at another server", "SELECT * FROM shop.remote_writer"
    ),
)

_HIDDEN = (
    _write("function", "calls one that writes", "SELECT shop.writes()"),
    _write("function of its owner", "calls one that writes with its owner's rights", "SELECT shop.writes_as_owner()"),
    _write("function in where", "calls one that writes", "SELECT relname FROM pg_class WHERE shop.writes_as_owner() = 1 LIMIT 1"),
    _write("function in order by", "calls one that writes", "SELECT relname FROM pg_class ORDER BY shop.writes_as_owner() LIMIT 1"),
    _write("function in from", "calls one that writes", "SELECT * FROM shop.writes_as_owner() AS f (a)"),
    _write("function in lateral", "calls one that writes", "SELECT 1 FROM pg_am a CROSS JOIN LATERAL shop.writes_as_owner() f LIMIT 1"),
    _write("function in limit", "calls one that writes", "SELECT relname FROM pg_class LIMIT shop.writes_as_owner()"),
    _write("function in a filter", "calls one that writes", "SELECT count(*) FILTER (WHERE shop.writes_as_owner() = 1) FROM pg_am"),
    _write("aggregate", "calls a function that writes", "SELECT shop.writing_sum(a.oid::int) FROM pg_am a"),
    _write("operator", "calls a function that writes", "SELECT 1 OPERATOR(shop.@#@) 1"),
    _write("operator in a path", "calls a function that writes", "SET LOCAL search_path = shop, pg_catalog", "SELECT 1 @#@ 1"),
    _write("cast to a domain", "calls a function that writes", "SELECT 1::shop.checked"),
    _write("cast by a function", "calls a function that writes", "SELECT ROW('a')::shop.pair::shop.other_pair"),
    _write("attribute notation", "calls a function that writes", "SELECT c.writes_for FROM shop.customers c LIMIT 1"),
    _write("attribute of a catalogue row", "calls a function that writes", "SELECT a.writes_for FROM pg_am a LIMIT 1"),
    _write("view", "calls a function that writes", "SELECT * FROM shop.writer"),
    _write("shadow of a catalogue function", "calls a function that writes", "SELECT format_type(23, 'x'::shop.word)"),
    _write("shadow in the path", "calls a function that writes", "SET search_path = shop, pg_catalog", "SELECT format_type(23, 'x'::shop.word)"),
    _write("row security", "calls a function that writes", "SELECT * FROM shop.guarded"),
    _write("do", "adds a row", f"DO $d$ BEGIN {_INSERT}; END $d$"),
    _write("do in pieces", "adds a row", "DO 'BEGIN EXECUTE ''INS'' || ''ERT INTO shop.audit VALUES (''''evaded'''')''; END'"),
    _write("call", "adds a row", "CALL shop.writing()"),
    _write("call that ends the transaction", "adds a row", "CALL shop.escaping()"),
    _write("call outside", "adds a row", "COMMIT", "CALL shop.escaping()"),
    _write("prepare and execute", "adds a row", f"PREPARE p AS {_INSERT}", "EXECUTE p"),
    _write("explain execute", "adds a row", f"PREPARE p AS {_INSERT}", "EXPLAIN ANALYZE EXECUTE p"),
    _write("query_to_xml", "adds a row", f"SELECT query_to_xml($q${_INSERT} RETURNING 1$q$, true, true, '')"),
    _write("query_to_xml of a function", "calls one that writes", "SELECT query_to_xml('SELECT shop.writes_as_owner()', true, true, '')"),
    _write("query_to_xml of a large object", "makes a large object", "SELECT query_to_xml('SELECT lo_create(0)', true, true, '')"),
    _write("cursor", "calls a function that writes", "DECLARE c CURSOR FOR SELECT shop.writes_as_owner()", "FETCH c"),
    _write("cursor with hold", "calls a function that writes", "DECLARE c CURSOR WITH HOLD FOR SELECT shop.writes_as_owner()", "COMMIT"),
)  # fmt: skip

_TRANSACTIONS = (
    _write("set transaction", "turns read-only off", "SET TRANSACTION READ WRITE", _INSERT),
    _write("set transaction in a savepoint", "turns read-only off", "SAVEPOINT s", "SET TRANSACTION READ WRITE", _INSERT),
    _write("set local", "turns read-only off", "SET LOCAL transaction_read_only = off", _INSERT),
    _write("set_config", "turns read-only off", "SELECT set_config('transaction_read_only', 'off', false)", _INSERT),
    _write("set_config for later", "turns read-only off", "SELECT set_config('default_transaction_read_only', 'off', false)", "COMMIT", _INSERT),
    _write("set_config in a function", "turns read-only off", "SELECT shop.turns_off()", _INSERT),
    _write("update pg_settings", "turns read-only off", "UPDATE pg_settings SET setting = 'off' WHERE name = 'transaction_read_only'", _INSERT),
    _write("update pg_settings for later", "turns read-only off", "UPDATE pg_settings SET setting = 'off' WHERE name = 'default_transaction_read_only'", "COMMIT", _INSERT),
    _write("reset", "turns read-only off", "RESET transaction_read_only", _INSERT),
    _write("set for later", "turns read-only off", "SET default_transaction_read_only = off", "COMMIT", _INSERT),
    _write("session characteristics", "turns read-only off", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "COMMIT", _INSERT),
    _write("another transaction", "begins one that may write", "COMMIT", "BEGIN READ WRITE", _INSERT, "COMMIT"),
    _write("rollback and begin", "begins one that may write", "ROLLBACK", "START TRANSACTION READ WRITE", _INSERT, "COMMIT"),
    _write("commit and chain", "begins one that may write", "COMMIT AND CHAIN", "SET TRANSACTION READ WRITE", _INSERT, "COMMIT"),
    _write("discard", "resets the session", "COMMIT", "DISCARD ALL", "BEGIN READ WRITE", _INSERT, "COMMIT"),
    _write("reset all", "resets the session", "COMMIT", "RESET ALL", _INSERT),
    _write("several statements", "ends the transaction and writes", f"SELECT 1; COMMIT; BEGIN READ WRITE; {_INSERT}; COMMIT"),
    _write("two statements", "adds a row", f"SELECT 1; {_INSERT}"),
    _write("prepare transaction", "leaves a transaction behind", "PREPARE TRANSACTION 'evaded'"),
    _write("session authorization", "becomes the owner", "SET SESSION AUTHORIZATION keeper", _INSERT),
    _write("set role", "becomes the owner", "SET ROLE keeper", _INSERT),
)  # fmt: skip

# All of them make a large object, which PostgreSQL before 16 does even in a read-only transaction.
_SPELLINGS = (
    _write("capitals", "makes a large object", "SELECT Lo_CrEaTe(0)"),
    _write("quoted name", "makes a large object", 'SELECT "lo_create"(0)'),
    _write("qualified name", "makes a large object", "SELECT pg_catalog.lo_create(0)"),
    _write("qualified and quoted", "makes a large object", 'SELECT "pg_catalog" . "lo_create" (0)'),
    _write("unicode name", "makes a large object", 'SELECT U&"lo\\005fcreate"(0)'),
    _write("unicode name, another escape", "makes a large object", "SELECT U&\"lo!005fcreate\" UESCAPE '!' (0)"),
    _write("comment in a call", "makes a large object", "SELECT lo_create/**/(0)"),
    _write("comment for a space", "makes a large object", "SELECT/*x*/lo_create(0)"),
    _write("nested comment", "makes a large object", "SELECT /* /* */ 1 -- */ lo_create(0)"),
    _write("comment that ends by a line", "makes a large object", "SELECT 1, -- nothing\nlo_create(0)"),
    _write("comment that ends by a return", "makes a large object", "SELECT 1, -- nothing\rlo_create(0)"),
    _write("comment of another product", "makes a large object", "SELECT 1 /*!50000 , lo_create(0) */, lo_create(0)"),
    _write("escape string", "makes a large object", "SELECT E'\\'', lo_create(0), E'\\''"),
    _write("backslash in a plain string", "makes a large object", "SELECT 'a\\', lo_create(0), 'b'"),
    _write("dollar quotes", "makes a large object", "SELECT $a$'$a$, lo_create(0), $b$'$b$"),
    _write("tab and form feed", "makes a large object", "SELECT\tlo_create\f(0)"),
    _write("carriage return", "makes a large object", "SELECT\rlo_create(0)"),
    _write("parentheses around", "makes a large object", "SELECT ((lo_create((0))))"),
    _write("in a subquery", "makes a large object", "SELECT oid FROM pg_am WHERE oid = (SELECT lo_create(0))"),
    _write("in values", "makes a large object", "VALUES (lo_create(0))"),
    _write("in a cte", "makes a large object", "WITH w AS MATERIALIZED (SELECT lo_create(0)) SELECT * FROM w"),
    _write("in a union", "makes a large object", "SELECT 1::oid UNION ALL SELECT lo_create(0)"),
    _write("in a window", "makes a large object", "SELECT count(*) OVER (PARTITION BY lo_create(0)) FROM pg_am"),
    _write("in case", "makes a large object", "SELECT CASE WHEN true THEN lo_create(0) END"),
    _write("in coalesce", "makes a large object", "SELECT coalesce(NULL, lo_create(0))"),
    _write("in rows from", "makes a large object", "SELECT * FROM ROWS FROM (lo_create(0), lo_create(0)) AS t"),
    _write("under an alias", "makes a large object", "SELECT f.a FROM lo_create(0) AS f (a)"),
    _write("alias in a function's name", "makes a large object", "SELECT lo_create(0) FROM pg_am AS lo_create (a)"),
    _write("named argument", "makes a large object", "SELECT lo_create(VARIADIC => 0)"),
    _write("xmltable", "makes a large object", "SELECT * FROM XMLTABLE('/a' PASSING xmlelement(name a, lo_create(0)) COLUMNS b text PATH '.')"),
    _write("a space that is none", "makes a large object", "SELECT\u00a0lo_create(0)"),
    _write("letters that only look so", "makes a large object", "SELECT \uff4co_create(0)"),
    _write("byte order mark", "makes a large object", "\ufeffSELECT lo_create(0)"),
    _write("nul byte", "hides the rest from one reader", "SELECT 1\x00, lo_create(0)"),
    _write("trailing semicolon", "makes a large object", "SELECT lo_create(0);"),
)  # fmt: skip

_DISTURBANCES = (
    _disturb("notify", "wakes listeners", "SELECT pg_notify('bystanders', 'evaded')"),
    _disturb("notify statement", "wakes listeners", "NOTIFY bystanders, 'evaded'"),
    _disturb("listen", "keeps a queue from being emptied", "LISTEN bystanders"),
    _disturb("advisory lock", "takes a lock that others wait for", "SELECT pg_advisory_lock(4711)"),
    _disturb("advisory lock of a transaction", "takes a lock that others wait for", "SELECT pg_advisory_xact_lock(4711)"),
    _disturb("lock table", "blocks a table", "LOCK TABLE shop.customers IN ACCESS EXCLUSIVE MODE"),
    _disturb("select for update", "locks rows", "SELECT * FROM shop.customers FOR UPDATE"),
    _disturb("select for key share", "locks rows", "SELECT * FROM shop.customers FOR KEY SHARE"),
    _disturb("vacuum", "works on a table", "VACUUM shop.customers"),
    _disturb("vacuum outside", "works on a table", "COMMIT", "VACUUM shop.customers"),
    _disturb("analyze", "rewrites statistics", "ANALYZE shop.customers"),
    _disturb("analyze outside", "rewrites statistics", "COMMIT", "ANALYZE shop.customers"),
    _disturb("cluster", "rewrites a table", "COMMIT", "CLUSTER shop.customers USING customers_pkey"),
    _disturb("reindex", "rewrites an index", "COMMIT", "REINDEX TABLE shop.customers"),
    _disturb("checkpoint", "makes the server write", "CHECKPOINT"),
    _disturb("load", "loads a library", "LOAD 'dblink'"),
    _disturb("terminate", "ends somebody's connection", "SELECT pg_terminate_backend({victim})"),
    _disturb("cancel", "cancels somebody's statement", "SELECT pg_cancel_backend({victim})"),
    _disturb("reload", "reloads the settings", "SELECT pg_reload_conf()"),
    _disturb("rotate the log", "begins another log", "SELECT pg_rotate_logfile()"),
    _disturb("switch wal", "begins another segment", "SELECT pg_switch_wal()"),
    _disturb("restore point", "writes into the log of changes", "SELECT pg_create_restore_point('evaded')"),
    _disturb("logical message", "writes into the log of changes", "SELECT pg_logical_emit_message(false, 'evaded', 'x')"),
    _disturb("physical slot", "makes a slot that keeps the log of changes", "SELECT pg_create_physical_replication_slot('evaded', true)"),
    _disturb("logical slot", "makes a slot that keeps the log of changes", "SELECT pg_create_logical_replication_slot('evaded', 'pgoutput')"),
    _disturb("backup mode", "begins a backup", "SELECT pg_backup_start('evaded', true)"),
    _disturb("reset statistics", "forgets counters", "SELECT pg_stat_reset()"),
    _disturb("reset shared statistics", "forgets counters", "SELECT pg_stat_reset_shared('bgwriter')"),
    _disturb("memory contexts", "fills the server's log", "SELECT pg_log_backend_memory_contexts({victim})"),
    _disturb("promote", "ends a standby", "SELECT pg_promote()"),
    _disturb("transaction id", "uses one up", "SELECT txid_current()"),
    _disturb("export snapshot", "leaves a file while the transaction lasts", "SELECT pg_export_snapshot()"),
    _disturb("prewarm", "fills the cache", "SELECT public.pg_prewarm('shop.customers')"),
    _disturb("summarise an index", "writes into an index", "SELECT brin_summarize_new_values('shop.customers_brin'::regclass)"),
    _disturb("sleep", "holds a connection", "SELECT pg_sleep(0.2)"),
    _disturb("endless series", "keeps a processor busy", "SELECT count(*) FROM generate_series(1, 300000) AS n"),
    _disturb("cross join", "keeps a processor busy", "SELECT count(*) FROM pg_attribute a CROSS JOIN pg_am b CROSS JOIN pg_am c"),
    _disturb("recursion", "keeps a processor busy", "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 30000) SELECT count(*) FROM r"),
    _disturb("long text", "fills memory", "SELECT length(repeat('x', 10000000))"),
    _disturb("settings for the session", "changes how it behaves", "SET work_mem = '1GB'"),
    _disturb("longer than allowed", "takes the limits off", "SET statement_timeout = 0", "SELECT 1"),
)  # fmt: skip

_READINGS = (
    _read("a table's rows", "reads data", "SELECT name FROM shop.customers"),
    _read("a table in short", "reads data", "TABLE shop.customers"),
    _read("rows by xml", "reads data", "SELECT table_to_xml('shop.customers', true, true, '')"),
    _read("rows by a query in a text", "reads data", "SELECT query_to_xml('SELECT * FROM shop.customers', true, true, '')"),
    _read("rows by a function of its owner", "reads data", "SELECT shop.reads_as_owner()"),
    _read("rows by a view", "reads data", "SELECT * FROM shop.names"),
    _read("rows by copy", "reads data", "COPY shop.customers TO STDOUT"),
    _read("rows by a cursor", "reads data", "DECLARE c CURSOR FOR SELECT * FROM shop.customers", "FETCH ALL FROM c"),
    _read("rows by dblink", "reads data", "SELECT * FROM public.dblink('{conninfo}', 'SELECT name FROM shop.customers') AS t (a text)"),
    _read("information_schema", "reads what the role may see", "SELECT table_name FROM information_schema.tables LIMIT 1"),
    _read("statistics", "reads values that are common", "SELECT stavalues1::text FROM pg_statistic WHERE stavalues1 IS NOT NULL LIMIT 1"),
    _read("statistics, the view", "reads values that are common", "SELECT most_common_vals::text FROM pg_stats LIMIT 1"),
    _read("large objects", "reads data", "SELECT data FROM pg_largeobject"),
    _read("a large object", "reads data", "SELECT lo_get(4711)"),
    _read("values of fast defaults", "reads data", "SELECT attmissingval::text FROM pg_attribute WHERE atthasmissing LIMIT 1"),
    _read("whole rows of the catalogue", "reads data with the rest", "SELECT a FROM pg_attribute a WHERE a.atthasmissing LIMIT 1"),
    _read("every column of the catalogue", "reads data with the rest", "SELECT * FROM pg_attribute WHERE atthasmissing LIMIT 1"),
    _read("rows as json", "reads data with the rest", "SELECT to_json(a) FROM pg_attribute a WHERE a.atthasmissing LIMIT 1"),
    _read("parsed expressions", "reads constants", "SELECT adbin::text FROM pg_attrdef LIMIT 1"),
    _read("sources of functions", "reads code and constants", "SELECT prosrc FROM pg_proc WHERE proname = 'writes'"),
    _read("definition of a function", "reads code and constants", "SELECT pg_get_functiondef('shop.writes'::regproc)"),
    _read("passwords", "reads password hashes", "SELECT rolpassword FROM pg_authid"),
    _read("passwords, the view", "reads password hashes", "SELECT passwd FROM pg_shadow"),
    _read("user mappings", "reads passwords of other servers", "SELECT umoptions::text FROM pg_user_mapping"),
    _read("user mappings, the view", "reads passwords of other servers", "SELECT umoptions::text FROM pg_user_mappings"),
    _read("options of a server", "reads what may be a secret", "SELECT srvoptions::text FROM pg_foreign_server"),
    _read("options cut the wrong way", "reads what may be a secret", "SELECT split_part(u.o, '=', 2) FROM pg_foreign_server s, unnest(s.srvoptions) AS u (o)"),
    _read("settings of roles", "reads what may be a secret", "SELECT setconfig::text FROM pg_db_role_setting"),
    _read("a setting", "reads what may be a secret", "SELECT current_setting('shop.secret', true)"),
    _read("all settings", "reads paths and secrets", "SELECT setting FROM pg_settings"),
    _read("show", "reads a path", "SHOW data_directory"),
    _read("statements of others", "reads literals in them", "SELECT query FROM pg_stat_activity"),
    _read("a file", "reads a file at the server", "SELECT pg_read_file('/etc/hostname')"),
    _read("a file, binary", "reads a file at the server", "SELECT pg_read_binary_file('/etc/hostname')"),
    _read("a folder", "lists a folder at the server", "SELECT pg_ls_dir('/')"),
    _read("a file's age", "looks at a file at the server", "SELECT pg_stat_file('/etc/hostname')"),
    _read("who may connect", "reads pg_hba.conf", "SELECT auth_method FROM pg_hba_file_rules"),
    _read("a sequence's value", "reads data", "SELECT last_value FROM shop.numbers"),
    _read("a sequence's value, the view", "reads data", "SELECT last_value FROM pg_sequences"),
)  # fmt: skip

EVASIONS: tuple[Evasion, ...] = (
    *_ROWS,
    *_DEFINITIONS,
    *_OBJECTS_AND_FILES,
    *_ELSEWHERE,
    *_HIDDEN,
    *_TRANSACTIONS,
    *_SPELLINGS,
    *_DISTURBANCES,
    *_READINGS,
)
