-- Functions, procedures and aggregates: how each is called and what it gives back. Their bodies are code and
-- may hold anything: they are never read, and of a routine's own settings only the names. Those that the
-- server makes for a range type are a part of it and left out.
-- In: $1 the last oid read, $2 how many, $3 oids of the system's schemas.
-- Out: oid, oid of the schema, name, types of the arguments that identify it, kind, owner, oid of the
-- language, volatility, whether strict, security definer and leakproof, parallel safety, type it returns,
-- whether a set of it, modes, names and types of all arguments, whether some have defaults, names of
-- settings; by oid.
-- Takes no lock on anything but the catalogue tables: format_type reads the types alone.
-- PostgreSQL 13 and later. Indexes: pg_proc_oid_index, pg_depend_depender_index.
SELECT p.oid,
       p.pronamespace,
       p.proname::text,
       oidvectortypes(p.proargtypes),
       p.prokind::text,
       pg_get_userbyid(p.proowner)::text,
       p.prolang,
       p.provolatile::text,
       p.proisstrict,
       p.prosecdef,
       p.proleakproof,
       p.proparallel::text,
       format_type(p.prorettype, NULL::int4),
       p.proretset,
       p.proargmodes::text[],
       p.proargnames,
       ARRAY(SELECT format_type(u.type, NULL::int4)
             FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS u (type, place)
             ORDER BY u.place),
       p.pronargdefaults > 0,
       ARRAY(SELECT split_part(u.setting, '=', 1)
             FROM unnest(p.proconfig) WITH ORDINALITY AS u (setting, place)
             ORDER BY u.place)
FROM pg_proc p
WHERE p.oid > $1::oid
  AND p.pronamespace <> ALL ($3::oid[])
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
ORDER BY p.oid
LIMIT $2
