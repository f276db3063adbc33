"""Making, starting, stopping: the life of a server whose world is in order."""

from __future__ import annotations

import os
import pwd
import signal

import psycopg
import pytest

from fanlight.core.errors import WrongUse
from fanlight.foundation.embedded import EmbeddedServer
from tests.foundation.conftest import Site, connect


def test_a_name_that_leads_out_of_its_folder_is_refused(site: Site) -> None:
    with pytest.raises(WrongUse) as refused:
        site.server("../other")
    assert refused.value.code == "server.name"


def test_a_new_home_gets_a_server_that_answers(site: Site) -> None:
    address = site.server().start()
    with connect(address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_starting_a_running_server_gives_the_same_server(site: Site) -> None:
    first = site.server().start()
    pid = site.server().status().pid
    assert site.server().start() == first
    assert site.server().status().pid == pid


def test_what_was_written_is_there_after_a_stop_and_a_start(site: Site) -> None:
    server = site.server()
    with connect(server.start()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert not server.is_running()
    with connect(server.start()) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_stopping_a_server_that_never_ran_makes_no_home(site: Site) -> None:
    site.server().stop()
    assert not site.home.exists()


def test_looking_at_a_new_home_changes_nothing(site: Site) -> None:
    status = site.server().status()
    assert (status.is_running, status.pid, status.data_folder) == (False, None, None)
    assert status.version is not None
    assert status.free_bytes > 0
    assert not site.home.exists()


def test_the_status_of_a_running_server_names_what_a_doctor_asks(site: Site) -> None:
    server = site.server()
    address = server.start()
    status = server.status()
    assert status.is_running
    assert status.socket_folder == address.socket_folder
    assert status.pid is not None
    assert status.owner == ("fanlight" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)
    assert status.data_folder is not None
    assert status.data_folder.is_dir()


def test_two_servers_of_one_home_are_two_databases(site: Site) -> None:
    with connect(site.server("catalogue").start()) as connection:
        connection.execute("CREATE TABLE only_here ()")
    with (
        connect(site.server("demo-source").start()) as connection,
        pytest.raises(psycopg.errors.UndefinedTable),
    ):
        connection.execute("SELECT FROM only_here")
    site.server("catalogue").stop()
    assert site.server("demo-source").is_running()


def test_two_processes_that_start_at_once_get_one_server(site: Site) -> None:
    code = "print('pid', server.start() and server.status().pid)"
    children = [site.spawn(code) for _ in range(3)]
    answers = [child.communicate(timeout=30)[0].splitlines()[-1] for child in children]
    assert len(set(answers)) == 1
    assert answers[0].startswith("pid ")


def test_ctrl_c_in_the_starters_terminal_leaves_postgresql_alone(site: Site) -> None:
    child = site.spawn_until("started", "server.start(); print('started', flush=True); time.sleep(60)")
    pid = site.server().status().pid
    os.killpg(child.pid, signal.SIGINT)
    child.wait(timeout=10)
    assert site.server().status().pid == pid
    assert site.server().is_running()


def test_a_home_with_spaces_quotes_and_commas_works(site: Site) -> None:
    home = site.home.with_name('it\'s a, "home" \\ ü')
    odd = Site(home, site.roots)
    site.home = home  # so that it is cleaned
    with connect(odd.server().start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_home_reached_through_a_link_is_the_same_home(site: Site) -> None:
    site.server().start()
    link = site.home.with_name("link")
    link.symlink_to(site.home)
    assert EmbeddedServer(link, roots=site.roots).is_running()
