-- The columns of the relations and composite types in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2).
-- Out: name, position, type with modifiers, whether it may be null, two places for default and comment;
-- where one of them is there: identity, generated, schema and name of a collation that is not the type's
-- own; oid of the relation. In no order.
-- Takes no lock on anything but the catalogue tables: format_type reads the type alone.
-- PostgreSQL 13 and later. Indexes: pg_attribute_relid_attnum_index, pg_class_oid_index.
SELECT a.attname::text,
       a.attnum,
       format_type(a.atttypid, a.atttypmod),
       NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)),
       NULL::text AS default_text,
       NULL::text AS comment_text,
       CASE WHEN a.attidentity <> '' OR a.attgenerated <> ''
                 OR (a.attcollation <> 0 AND a.attcollation <> t.typcollation)
            THEN ARRAY[a.attidentity::text, a.attgenerated::text]
                 || (SELECT ARRAY[n.nspname::text, l.collname::text]
                     FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
                     WHERE l.oid = a.attcollation AND a.attcollation <> t.typcollation)
       END,
       a.attrelid
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid > $1::oid AND a.attrelid <= $2::oid
  AND a.attnum > 0
  AND NOT a.attisdropped
  AND EXISTS (SELECT FROM pg_class c
              WHERE c.oid = a.attrelid
                AND c.oid > $1::oid AND c.oid <= $2::oid
                AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c'))
