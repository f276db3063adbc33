"""The catalogue's own database: named SQL files, and rows as tuples."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from django.db import connection


@cache
def sql_file(room: str, name: str) -> str:
    """Return the text of `fanlight/<room>/sql/<name>.sql`: one statement with named parameters."""
    return resources.files(f"fanlight.{room}").joinpath("sql", f"{name}.sql").read_text("utf-8")


def execute(room: str, name: str, values: Mapping[str, Any]) -> int:
    """Run a named statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql_file(room, name), values)
        return int(cursor.rowcount)


def rows(room: str, name: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a named statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql_file(room, name), values)
        return list(cursor.fetchall())
