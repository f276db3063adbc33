"""Names as SQL needs them: what a source calls its things may hold anything."""

from __future__ import annotations

EVERY_ROLE = "public"  # PostgreSQL lets no role have this name
DATABASE_OWNER = (
    "pg_database_owner"  # its member is whoever owns the database: there is no grant to take away
)
# Of the role that the server was made by: it cannot be taken away.
BOOTSTRAP = "BOOTSTRAP SUPERUSER"
# Kinds of right on what belongs to the whole server: their path holds no database.
WHOLE_SERVER = frozenset({"role", "membership", "database", "tablespace", "parameter"})


def quoted(name: str) -> str:
    """Return a name as an identifier, so that it means nothing else to psql or to a reader's eyes.

    Quotes, newlines, what psql takes for a variable, signs that turn the direction of writing: all of it stands in
    quotes, and what does not print stands there as its number.
    """
    if name.isprintable():
        return plainly_quoted(name)
    signs = {'"': '""', "\\": "\\\\"}
    escaped = [signs.get(sign, sign if sign.isprintable() else f"\\+{ord(sign):06X}") for sign in name]
    return 'U&"' + "".join(escaped) + '"'


def plainly_quoted(name: str) -> str:
    """Return a name in quotes as it is, for psql's own commands, which know no numbers."""
    # Always quoted: psql replaces no variables between quotes, and no keyword or capital can go wrong.
    return '"' + name.replace('"', '""') + '"'
