"""Every address of the portal, and which of them are pages, by what stands behind them."""

from __future__ import annotations

from uuid import UUID

from fanlight.core.identifiers import RunId
from tests.portal.conftest import Filled

NOBODY = UUID("01900000-0000-7000-8000-000000000000")


def addresses(filled: Filled) -> dict[str, str]:
    """Return an address for every route that is not the sign-in's, by the route's name."""
    source, orders = filled.integration_id, filled.assets["shop.sales.orders"]
    return {
        "home": "/",
        "search": "/search/?q=orders",
        "search-hits": "/search/hits/?q=orders",
        "sign-out": "/sign-out/",
        "integrations": "/integrations/",
        "integration-choose": "/integrations/add/",
        "integration-add": "/integrations/add/postgres/",
        "integration-script": "/integrations/add/postgres/script/",
        "integration": f"/integrations/{source}/",
        "integration-state": f"/integrations/{source}/state/",
        "integration-edit": f"/integrations/{source}/edit/",
        "integration-test": f"/integrations/{source}/test/",
        "integration-extract": f"/integrations/{source}/extract/",
        "run": f"/integrations/{source}/runs/{filled.run_id}/",
        "run-cancel": f"/integrations/{source}/runs/{filled.run_id}/cancel/",
        "run-approve": f"/integrations/{source}/runs/{filled.run_id}/approve/",
        "integrations-json": "/integrations/state.json",
        "integration-json": f"/integrations/{source}/state.json",
        "integration-pause": f"/integrations/{source}/pause/",
        "integration-resume": f"/integrations/{source}/resume/",
        "integration-schedule": f"/integrations/{source}/schedule/",
        "integration-credential": f"/integrations/{source}/credential/",
        "integration-credential-script": f"/integrations/{source}/credential/script.sql",
        "integration-delete": f"/integrations/{source}/delete/",
        "settings-excess": "/settings/excess/",
        "browse": "/browse/",
        "browse-integration": f"/browse/{source}/",
        "asset": f"/assets/{orders}/",
        "asset-part": f"/assets/{orders}/keys/",
        "asset-changes": f"/assets/{orders}/changes/",
        "integration-changes": f"/integrations/{source}/changes/",
        "integration-difference": f"/integrations/{source}/difference/",
        "members": "/members/",
        "member-role": f"/members/{filled.bob}/role/",
        "member-remove": f"/members/{filled.bob}/remove/",
        "receipt": f"/members/receipts/{filled.receipt_id}/",
        "sessions": "/sessions/",
        "sessions-end": "/sessions/end/",
        "session-end": f"/sessions/{NOBODY}/end/",
        "settings": "/settings/",
        "settings-organization": "/settings/organization/",
        "settings-name": "/settings/name/",
    }


# What everybody may read. The sign-in's own pages are not among them.
PUBLIC = {
    "promises": "/promises",
    "promises-json": "/.well-known/promises.json",
    "promises-slash": "/promises/",
    "statements": "/promises/statements/postgres/",
}
PUBLIC_PAGES = ["/promises", "/promises?state=proven", "/promises?state=stale", PUBLIC["statements"]]
POST_ONLY = {
    "sign-out",
    "integration-test",
    "integration-extract",
    "integration-pause",
    "integration-resume",
    "run-cancel",
    "settings-organization",
    "settings-excess",
    "settings-name",
    "member-role",
    "sessions-end",
    "session-end",
}
NO_PAGES = {"integrations-json", "integration-json", "integration-credential-script"}


def pages(filled: Filled) -> list[str]:
    """Return the address of every page that can be looked at, each part of each kind of asset included."""
    found = [at for name, at in addresses(filled).items() if name not in POST_ONLY | NO_PAGES]
    for locator, ident in filled.assets.items():
        found.append(f"/assets/{ident}/")
        if locator.endswith(".orders"):
            found += [f"/assets/{ident}/{part}/" for part in ("keys", "indexes", "details")]
    guarded = filled.assets["shop.sales.guarded"]
    found += [f"/assets/{guarded}/{part}/" for part in ("triggers", "policies", "details")]
    found += [f"/assets/{filled.assets['shop.sales']}/?show=functions"]
    found += [
        f"/assets/{filled.assets['shop.sales.recent']}/definition/",
        f"/assets/{filled.assets['shop.sales.events']}/partitions/",
        f"/assets/{filled.assets['shop.sales.wide']}/?after=200",
        *PUBLIC_PAGES,
        f"/integrations/{filled.integration_id}/credential/?level=write&from=3",
        "/search/",
        "/search/?q=nothing-is-called-that",
        "/search/?q=" + "x" * 600,
        "/nowhere/",
        f"/assets/{NOBODY}/",
    ]
    return found


def pages_when_altered(filled: Filled) -> list[str]:
    """Return the pages that say what has changed."""
    source = f"/integrations/{filled.integration_id}/"
    return [
        "/",
        *(f"{source}{page}" for page in ("changes/", "changes/?show=changed", "changes/?from=2026-13-01")),
        *(
            f"{source}changes/?{days}"
            for days in ("from=2001-01-01&to=2001-01-02", "from=2002-01-01&to=2001-01-02")
        ),
        *(f"{source}difference/{days}" for days in ("", "?from=&to=", "?from=2001-01-01&to=2001-01-02")),
        *(f"/assets/{ident}/changes/" for ident in filled.assets.values()),
    ]


def pages_when_held(filled: Filled, run_id: RunId) -> list[str]:
    """Return the pages that say something else while a run asks."""
    source = f"/integrations/{filled.integration_id}/"
    return [
        "/",
        "/integrations/",
        source,
        f"{source}schedule/",
        f"{source}runs/{run_id}/",
        f"{source}runs/{run_id}/?gone_after=shop.sales",
        f"{source}runs/{run_id}/approve/",
    ]
