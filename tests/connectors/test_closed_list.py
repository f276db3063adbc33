"""What is built in, what lies there, and what is sent are one and the same."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from fanlight.connectors.postgres import closed_list
from fanlight.connectors.postgres import guard as guard_module
from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.core.errors import StatementRefused
from tests.connectors.conftest import Source


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the statements, as if it were the installed one."""
    copy = tmp_path / "statements"
    shutil.copytree(str(closed_list._FOLDER), copy)
    monkeypatch.setattr(closed_list, "_FOLDER", copy)
    monkeypatch.setattr(closed_list, "DIGESTS_FILE", copy / "digests.toml")
    return copy


def test_the_files_are_what_was_built() -> None:
    assert PostgresConnector().list_differences().is_empty
    assert {one.name for one in (*closed_list.LISTS.catalogue, *closed_list.LISTS.session)} == set(
        closed_list.DIGESTS
    )


def test_every_change_of_the_files_is_named(folder: Path) -> None:
    assert PostgresConnector().list_differences().is_empty
    (folder / "added.sql").write_text("-- New.\nSELECT 1")
    (folder / "session" / "commit.sql").unlink()
    (folder / "server.sql").write_text((folder / "server.sql").read_text() + "\nLIMIT 1")
    found = PostgresConnector().list_differences()
    assert (found.added, found.missing, found.changed) == (("added",), ("commit",), ("server",))


def test_a_changed_head_changes_nothing_that_is_sent(folder: Path) -> None:
    (folder / "server.sql").write_text("-- Another line.\n" + (folder / "server.sql").read_text())
    assert PostgresConnector().list_differences().is_empty


def test_without_the_digests_nothing_is_on_the_list(folder: Path) -> None:
    (folder / "digests.toml").unlink()
    assert closed_list.read_digests() == {}
    assert len(PostgresConnector().list_differences().added) > 30


@pytest.mark.parametrize(
    "text", ["SELECT oid, relname::text FROM pg_class", "SELECT n.oid FROM pg_namespace n"]
)
def test_an_added_file_is_refused_before_the_driver(
    source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    # Harmless for the reader of syntax, and with a digest of its own: but not one that was built in.
    (folder / "server.sql").write_text(f"-- Changed.\n{text}")
    lists = closed_list.read_files()
    changed = {one.name: one for one in (*lists.catalogue, *lists.session)}
    assert changed["server"].digest == hashlib.sha256(text.encode()).hexdigest()
    assert PostgresConnector().try_locks(text).syntax == ""
    with source.open() as session:
        monkeypatch.setattr(guard_module, "STATEMENTS", changed)
        sent = len(source.ledger)
        with pytest.raises(StatementRefused) as refused:
            session.report()
    assert refused.value.code == "statement.refused"
    assert [entry.statement for entry in source.ledger[sent:]] == [
        "begin_read_only", "hold_read_only", "savepoint", "rollback",
    ]  # fmt: skip


def test_the_locks_can_be_tried_without_a_source() -> None:
    connector = PostgresConnector()
    for one in (*connector.statements().catalogue, *connector.statements().session):
        assert not connector.try_locks(one.sql).is_refused, one.name
        assert connector.try_locks(one.sql + " ").closed_list
    for text in ("", "DROP TABLE x", "SELECT 1;", "\x00", "\ud800", "SELECT '\ud800'"):
        verdicts = connector.try_locks(text)
        assert verdicts.closed_list, text
        assert verdicts.syntax, text
