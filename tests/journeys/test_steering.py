"""An administrator's errands with one source, in a real browser: stop it, schedule it, answer it, trust it, delete it."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect
from psycopg import sql

from tests.journeys.demo import Demo, needs_chromium, sign_in

pytestmark = needs_chromium
LONG = "t" * 63
PARTS = ("", "credential/", "schedule/", "delete/")
SOON, PATIENCE = 5_000, 30_000
TABLES = """
CREATE SCHEMA sales;
CREATE TABLE sales.a (id int); CREATE TABLE sales.b (id int); CREATE TABLE sales.c (id int);
CREATE VIEW sales.d AS SELECT id FROM sales.a;
CREATE TABLE public.kept (id int);
"""


@dataclass
class Steered:
    """A source of its own at the demo's server, as an integration of the same name."""

    demo: Demo
    name: str

    @property
    def page(self) -> str:
        """Its page."""
        with self.catalogue() as catalogue:
            found = catalogue.execute("SELECT id FROM integrations_integration WHERE name = %s", [self.name])
            (integration_id,) = found.fetchone() or ("",)
        return f"/integrations/{integration_id}/"

    def catalogue(self) -> psycopg.Connection[Any]:
        """Open a session at the catalogue, past every policy."""
        return self.demo.connect("catalogue", "fanlight")

    def run(self, statement: str) -> None:
        """Change the source, as its owner."""
        with self.demo.connect("demo-source", self.name) as owner:
            owner.execute(statement)


@contextmanager
def _connected(demo: Demo) -> Iterator[Steered]:
    """A database with a role that may connect and nothing else, connected and extracted once."""
    name, password = f"steered_{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    with demo.connect("demo-source", "postgres") as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}").format(
                sql.Identifier(name), sql.Literal(password)
            )
        )
    made = Steered(demo, name)
    made.run(TABLES)
    url = f"postgresql://{name}@/{name}?host={demo.socket_folder('demo-source')}&port=5432"
    demo.verb("connect", url, "--name", name, "--password-stdin", stdin=f"{password}\n")
    yield made
    with demo.connect("demo-source", "postgres") as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def steered(demo: Demo) -> Iterator[Steered]:
    """A source that each test leaves as it was."""
    with _connected(demo) as made:
        yield made
        demo.verb("delete", made.name, "--yes")


@pytest.fixture
def doomed(demo: Demo) -> Iterator[Steered]:
    """A source for one test, which deletes it."""
    with _connected(demo) as made:
        yield made


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + PATIENCE / 1000
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_source_is_paused_resumed_and_its_schedule_chosen(page: Page, demo: Demo, steered: Steered) -> None:
    sign_in(page, demo)
    page.goto(steered.page)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".stands")).to_contain_text("Paused")
    expect(page.get_by_text("by Alice")).to_be_visible()
    expect(page.get_by_role("button", name="Extract now")).to_have_count(0)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Extract now")).to_be_visible()
    page.get_by_role("link", name="Change the schedule").click()
    # Whoever types a time has chosen its way.
    page.get_by_label("on", exact=True).select_option("Wednesday")
    expect(page.get_by_label("Every week")).to_be_checked()
    page.locator("#weekly").fill("22:45")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#live")).to_contain_text("Extracted every Wednesday at 22:45 UTC.")
    expect(page.get_by_text(re.compile(r"Next in .* 22:45 UTC"))).to_be_visible()


def test_a_run_is_cancelled_while_it_waits_at_the_source(page: Page, demo: Demo, steered: Steered) -> None:
    sign_in(page, demo)
    page.goto(steered.page)
    with demo.connect("demo-source", steered.name) as owner:
        owner.execute("BEGIN; LOCK TABLE pg_catalog.pg_description IN ACCESS EXCLUSIVE MODE")
        page.get_by_role("button", name="Extract now").click()
        expect(page.get_by_role("heading", name="Running now")).to_be_visible()
        # What is looked at again and again keeps the focus, and hands it on when it is gone.
        page.locator("#active-run").focus()
        page.wait_for_timeout(2_500)
        expect(page.locator("#active-run")).to_be_focused()
        before = page.locator("#act-cancel").evaluate_handle("button => button")
        page.wait_for_timeout(1_500)
        assert before.evaluate("button => button.isConnected")
        cancelled = page.evaluate(
            "() => fetch(document.querySelector('#act-cancel').form.action, {method: 'POST', body: new"
            " FormData(document.querySelector('#act-cancel').form)}).then(answer => answer.status)"
        )
        assert cancelled == 200
        expect(page.get_by_text("The run was cancelled.").first).to_be_visible(timeout=SOON)
        expect(page.locator("#live")).to_be_focused()
        expect(page.get_by_role("button", name="Extract now")).to_be_visible()
        owner.execute("ROLLBACK")


def _test_again(page: Page, sentence: str, tone: str) -> None:
    page.get_by_role("button", name=re.compile("^Test (now|again)$")).click()
    credential = page.locator(f".state.long.{tone}").filter(has_text=sentence)
    expect(credential).to_be_visible(timeout=PATIENCE)


def test_a_credential_that_gains_a_right_is_noticed_and_its_script_takes_it_away(
    browser: Any, page: Page, demo: Demo, steered: Steered, tmp_path: Path
) -> None:
    sign_in(page, demo)
    page.goto(steered.page)
    expect(page.locator(".state.long.good")).to_have_text("Cannot read data")
    steered.run(f"CREATE TABLE public.{LONG} (id int); GRANT INSERT ON public.{LONG} TO {steered.name}")
    _test_again(page, "Can write 1 table", "warn")
    page.get_by_role("link", name="See its rights, and the script that takes them away").click()
    expect(page.get_by_text("1 right gained")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"{steered.name}-remove-excess.sql"
    download.value.save_as(tmp_path / "script.sql")
    script = (tmp_path / "script.sql").read_text()
    assert script == page.locator("#script-text").inner_text()
    _fits_a_phone(browser, page, demo, steered)
    steered.run("\n".join(line for line in script.splitlines() if not line.startswith(("\\", "--"))))
    page.goto(steered.page)
    _test_again(page, "Cannot read data", "good")
    page.get_by_role("link", name="What the test sent").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Test of the connection")
    expect(page.get_by_text("privilege_relations").first).to_be_visible()


def _fits_a_phone(browser: Any, page: Page, demo: Demo, steered: Steered) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(
            ignore_https_errors=True,
            base_url=demo.url,
            storage_state=page.context.storage_state(),
            viewport={"width": 360, "height": 740},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        phone = context.new_page()
        for address in ("/", "/integrations/", *(steered.page + part for part in PARTS)):
            phone.goto(address)
            assert phone.evaluate("document.documentElement.scrollWidth") <= 360, (scheme, address)
        context.close()


def _delete(page: Page, doomed: Steered) -> None:
    address = doomed.page
    page.goto(address)
    page.get_by_role("link", name=re.compile("Delete")).click()
    expect(page.get_by_text(re.compile("8 assets with 5 columns"))).to_be_visible()
    page.get_by_label(re.compile("to delete it")).fill(doomed.name)
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.get_by_text("is being erased")).to_be_visible()
    expect(page.get_by_role("link", name=doomed.name)).to_have_count(0)
    integration_id = address.split("/")[2]
    for table in ("integrations_integration", "extraction_run", "catalog_asset", "vault_sealedcredential"):
        column = "id" if table == "integrations_integration" else "integration_id"
        counting = f"SELECT count(*) FROM {table} WHERE {column} = %s"

        def is_gone(counting: str = counting) -> bool:
            with doomed.catalogue() as catalogue:
                return catalogue.execute(counting, [integration_id]).fetchone() == (0,)  # type: ignore[arg-type]

        eventually(is_gone)


def test_a_run_that_asks_is_answered_and_its_source_deleted(page: Page, demo: Demo, doomed: Steered) -> None:
    sign_in(page, demo)
    doomed.run("DROP SCHEMA sales CASCADE")
    page.goto(doomed.page)
    page.get_by_role("button", name="Extract now").click()
    expect(page.get_by_text(re.compile("5 of 8 assets would be removed"))).to_be_visible(timeout=PATIENCE)
    page.goto("/")
    matter = (
        page.get_by_role("region", name="Needs a look").get_by_role("listitem").filter(has_text=doomed.name)
    )
    expect(matter).to_contain_text("Asks first")
    matter.get_by_role("link", name="See what would be removed").click()
    expect(page.get_by_role("link", name=f"{doomed.name}.{doomed.name}.sales.a")).to_be_visible()
    page.get_by_role("link", name=re.compile("Approve the removal")).click()
    page.get_by_role("button", name="Remove 5 assets").click()
    expect(page.get_by_text("who approved a removal")).to_be_visible()
    expect(page.locator("#run .state").first).to_have_text("Complete", timeout=PATIENCE)
    expect(page.locator("#run").get_by_text("gone").first).to_be_visible()
    page.goto("/")
    expect(page.locator(".matters li").filter(has_text=doomed.name)).to_have_count(0)
    _delete(page, doomed)
