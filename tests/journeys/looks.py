"""Every page in every state: a name, whose session it is seen with, its address, and what is done there before one looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, Route

from tests.journeys.states import ADMINISTRATOR, NEWCOMER, VIEWER, States

STRANGER = ""
SIGNED_OUT = "signed out"  # ends the session that it is looked at with
Act = Callable[[Page], None]


@dataclass(frozen=True)
class Look:
    """One page in one state. who: the address of whoever is signed in, empty for nobody."""

    name: str
    address: str
    who: str = ADMINISTRATOR
    act: Act | None = None


def looks(states: States, *, is_vast: bool) -> list[Look]:
    """Return every page, group by group. is_vast: whether the source of very many tables is there."""
    return [
        *_outside(),
        *_empty(),
        *_frame(),
        *_sources(states),
        *_runs(states),
        *_forms(states),
        *_assets(states),
        *_refused(states),
        *(_vast(states) if is_vast else []),
    ]


def _outside() -> list[Look]:
    pages = {
        "sign in": "/sign-in/",
        "sign in first": "/sign-in/?next=/integrations/",
        "link that works": "/sign-in/a-link-that-was-never-made/",
        "promises, to a stranger": "/promises",
        "statements, to a stranger": "/promises/statements/postgres/",
        "wrong address, to a stranger": "/nowhere/",
    }
    return [
        *(Look(name, at, STRANGER) for name, at in pages.items()),
        Look("link used up", "/sign-in/a-link-that-was-used/", STRANGER, _press_sign_in),
        Look(SIGNED_OUT, "/", ADMINISTRATOR, _sign_out),
    ]


def _empty() -> list[Look]:
    pages = ("/", "/browse/", "/integrations/", "/integrations/add/", "/search/?q=order", "/settings/")
    return [Look(f"empty organization {at}", at, NEWCOMER) for at in pages]


def _frame() -> list[Look]:
    return [
        Look("home", "/"),
        Look("home, typing", "/", act=_type_on_home),
        Look("browse", "/browse/"),
        Look("integrations", "/integrations/"),
        Look("promises", "/promises"),
        Look("promises, one state", "/promises?state=proven"),
        Look("promises, none in a state", "/promises?state=broken"),
        Look("settings", "/settings/"),
        Look("members", "/members/"),
        Look("sessions", "/sessions/"),
        Look("search, nothing typed", "/search/"),
        Look("search, found", "/search/?q=customer"),
        Look("search, nothing found", "/search/?q=nothing-is-called-that"),
        Look("search, too long", "/search/?q=" + "x" * 600),
        Look("search, under way", "/search/?q=order", act=_search_hangs),
        Look("search, no answer", "/search/?q=order", act=_search_breaks),
        Look("top bar, typing", "/integrations/", act=_type_in_the_bar),
        Look("wrong address", "/nowhere/"),
        Look("wrong asset", "/assets/01900000-0000-7000-8000-000000000000/"),
    ]


def _sources(states: States) -> list[Look]:
    found = []
    for name, ident in states.ids.items():
        source = f"/integrations/{ident}/"
        found += [Look(f"{name}", source), Look(f"{name}, credential", f"{source}credential/")]
    rested, held = states.ids["rested"], states.ids["shrinking"]
    return [
        *found,
        Look("schedule", f"/integrations/{rested}/schedule/"),
        Look("schedule, wrong", f"/integrations/{held}/schedule/", act=_wrong_schedule),
        Look("delete", f"/integrations/{rested}/delete/"),
        Look("delete, wrong name", f"/integrations/{rested}/delete/", act=_wrong_name),
    ]


def _runs(states: States) -> list[Look]:
    found = [
        Look(f"run of {name}", f"/integrations/{states.ids[name]}/runs/{ident}/")
        for name, ident in states.runs.items()
    ]
    held = f"/integrations/{states.ids['shrinking']}/runs/{states.runs['shrinking']}/"
    return [*found, Look("approve", f"{held}approve/")]


def _forms(states: States) -> list[Look]:
    return [
        Look("choose a connector", "/integrations/add/"),
        Look("add a source", "/integrations/add/postgres/"),
        Look("add a source, refused", "/integrations/add/postgres/", act=_wrong_source),
        Look("edit a source", f"/integrations/{states.ids['away']}/edit/"),
    ]


def _assets(states: States) -> list[Look]:
    orders = states.assets["harbour.harbour.sales.orders"]
    named = {
        "database": "harbour.harbour",
        "schema": "harbour.harbour.sales",
        "table": "harbour.harbour.sales.orders",
        "type": "harbour.harbour.sales.money_amount",
        "function": 'harbour.harbour.sales."orders_of(bigint, date)"',
        "sequence": "harbour.harbour.logistics.parcel_label",
        "range": "harbour.harbour.catalog.price_range",
        "enum": "harbour.harbour.finance.invoice_state",
        "domain": "harbour.harbour.finance.currency_code",
        "policies": "harbour.harbour.people.absences",
    }
    parts = [
        Look(f"table, {part}", f"/assets/{orders}/{part}/")
        for part in ("keys", "indexes", "triggers", "changes", "details")
    ]
    rested = f"/integrations/{states.ids['rested']}"
    changed = {
        "changes": f"{rested}/changes/",
        "changes, came back": f"{rested}/changes/?show=returned",
        "changes, none in these days": f"{rested}/changes/?from=2001-01-01&to=2001-01-02",
        "changes, wrong days": f"{rested}/changes/?from=2001-01-02&to=2001-01-01",
        "changes of a source without any": f"/integrations/{states.ids['fresh']}/changes/",
        "changes of a table": f"/assets/{states.assets['rested.rested.clinic.rooms']}/changes/",
        "changes of a schema": f"/assets/{states.assets['rested.rested.clinic']}/changes/",
        "difference": f"{rested}/difference/",
        "difference, none": f"{rested}/difference/?from=2001-01-01&to=2001-01-02",
    }
    return [
        *(Look(name, at) for name, at in changed.items()),
        Look("databases of a source", f"/browse/{states.ids['harbour']}/"),
        Look("databases of a source without any", f"/browse/{states.ids['fresh']}/"),
        *(
            Look(name, f"/assets/{states.assets[path]}/")
            for name, path in named.items()
            if path in states.assets
        ),
        *parts,
        Look("table, a column wanted", f"/assets/{orders}/?column=currency"),
        Look("schema, functions", f"/assets/{states.assets['harbour.harbour.sales']}/?show=functions"),
        Look("schema, none such", f"/assets/{states.assets['harbour.harbour.sales']}/?containing=zzz"),
    ]


def _refused(states: States) -> list[Look]:
    source = f"/integrations/{states.ids['shrinking']}/"
    pages = {
        "viewer, home": "/",
        "viewer, integrations": "/integrations/",
        "viewer, source": source,
        "viewer, settings": "/settings/",
        "viewer, members": "/members/",
        "viewer may not add": "/integrations/add/postgres/",
        "viewer may not delete": f"{source}delete/",
        "viewer may not approve": f"{source}runs/{states.runs['shrinking']}/approve/",
    }
    return [
        *(Look(name, at, VIEWER) for name, at in pages.items()),
        Look("another organization's source", source, NEWCOMER),
        Look(
            "another organization's table",
            f"/assets/{states.assets['harbour.harbour.sales.orders']}/",
            NEWCOMER,
        ),
    ]


def _vast(states: States) -> list[Look]:
    at = {
        name: states.assets[f"vast.crm{name}"]
        for name in ("", ".public", ".lake", ".lake.widest", ".lake.events")
    }
    return [
        Look("vast, schema of 100,000 tables", f"/assets/{at['.public']}/"),
        Look("vast, narrowed", f"/assets/{at['.public']}/?containing=invoice_ledger"),
        Look("vast, further", f"/assets/{at['.public']}/?after=order_order_050088"),
        Look("vast, table of 1,600 columns", f"/assets/{at['.lake.widest']}/"),
        Look("vast, its last columns", f"/assets/{at['.lake.widest']}/?column=reading_1600"),
        Look("vast, partitions", f"/assets/{at['.lake.events']}/partitions/"),
        Look("vast, search", "/search/?q=payment_sensor"),
        Look("vast, databases", f"/browse/{states.ids['vast']}/"),
    ]


def while_running(states: States) -> list[Look]:
    """Return what is seen while `harbour` is being extracted."""
    source = f"/integrations/{states.ids['harbour']}/"
    return [
        Look("running", source),
        Look("running, its run", f"{source}runs/{states.runs['harbour']}/"),
        Look("running, integrations", "/integrations/"),
        Look("running, home", "/"),
        Look("running, schedule", f"{source}schedule/"),
        Look("running, to a viewer", source, VIEWER),
    ]


def _press_sign_in(page: Page) -> None:
    page.get_by_role("button", name="Sign in").click()


def _sign_out(page: Page) -> None:
    page.evaluate("document.querySelector('form.leave').submit()")
    page.wait_for_url("**/sign-in/**")


def _type_on_home(page: Page) -> None:
    page.locator("#q").fill("customer ord")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")


def _type_in_the_bar(page: Page) -> None:
    page.locator("[data-search]").first.click()
    page.keyboard.type("inv")
    page.get_by_role("option").first.wait_for()


def _search_hangs(page: Page) -> None:
    page.route("**/search/**", lambda route: None)
    page.locator("#q").press_sequentially("ers")
    page.wait_for_timeout(900)


def _search_breaks(page: Page) -> None:
    def abort(route: Route) -> None:
        route.abort()

    page.route("**/search/**", abort)
    page.locator("#q").press_sequentially("ers")
    page.locator("#notice .note").wait_for()


def _wrong_schedule(page: Page) -> None:
    page.locator("#cron").fill("* * * * *")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").filter(has_text="Not saved").wait_for()


def _wrong_name(page: Page) -> None:
    page.locator("main form input[type=text]").first.fill("something else")
    page.locator("main form button.danger").click()
    page.wait_for_load_state()


def _wrong_source(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("harbour")
    page.get_by_label("Host").fill("db.example.com")
    page.get_by_label("Databases").fill("shop")
    page.get_by_label("Role").fill("reader")
    page.get_by_role("button", name="Add and test").click()
    page.locator("#problem").wait_for()
