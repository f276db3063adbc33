"""The connection of a thread between two requests: a silent one is not asked, one that was ended is replaced."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from fanlight.foundation import database
from tests.conftest import Catalogue


def begin_a_request() -> None:
    connection.ensure_connection()
    connection.close_if_unusable_or_obsolete()
    database.note_silence()


def test_a_silent_connection_is_not_asked_whether_it_stands(
    as_portal: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_a_request()
    monkeypatch.setattr(type(connections["default"]), "is_usable", lambda _: pytest.fail("asked"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_connection_that_the_server_has_ended_is_replaced(as_portal: Catalogue) -> None:
    connection.ensure_connection()
    ended = connection.connection.info.backend_pid
    with as_portal.connect("postgres") as admin:
        assert admin.execute("SELECT pg_terminate_backend(%s, 5000)", [ended]).fetchone() == (True,)
    begin_a_request()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (ended,)


def test_a_kept_statement_is_planned_once_for_a_connection(as_portal: Catalogue) -> None:
    for _ in range(3):
        assert database.kept("organizations", "session", {"session_key": "unknown", "now": None}) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%django_session%'")
        assert cursor.fetchone() == (1,)
