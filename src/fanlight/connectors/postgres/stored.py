"""Which facts are stored of a PostgreSQL source, by key; README.md says what each means. Anything else is refused."""

from __future__ import annotations

from fanlight.connectors.types import StoredFacts

STORED_FACTS = StoredFacts(
    texts=frozenset({"definition", "expression", "partition_bound", "partition_key", "predicate"}),
    plain=frozenset(
        {
            # of databases, schemas, enums and relations
            "encoding",
            "is_partition",
            "labels",
            "owner",
            "parents",
            "persistence",
            "server",
            # of keys, constraints and indexes
            "columns",
            "comment",
            "constraints",
            "included",
            "indexes",
            "is_deferrable",
            "is_deferred",
            "is_invalid",
            "is_not_enforced",
            "is_not_valid",
            "is_nulls_not_distinct",
            "is_primary",
            "is_temporal",
            "is_unique",
            "keys",
            "kind",
            "match",
            "method",
            "name",
            "nulls",
            "on_delete",
            "on_delete_columns",
            "on_update",
            "order",
            "column",
            "target",
            "target_columns",
            # of columns
            "collation",
            "generated",
            "identity",
        }
    ),
)
