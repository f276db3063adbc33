"""What holds for every answer."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import OperationalError
from django.test import Client

from fanlight.portal import edge
from fanlight.portal.views import home
from tests.conftest import World
from tests.portal.addresses import pages
from tests.portal.conftest import Filled


def assert_guarded(answer: Any, address: str) -> None:
    for name in edge.HEADERS:
        assert answer.has_header(name), (address, name)
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_every_page_carries_the_headers(world: World, filled: Filled, browse: Any, stranger: Client) -> None:
    alice = browse(world.alice)
    for address in pages(filled):
        for client in (alice, stranger):
            answer = client.get(address)
            assert_guarded(answer, address)
            assert answer["Cache-Control"] == "no-store"


def test_files_carry_the_headers_and_may_be_kept(stranger: Client) -> None:
    answer = stranger.get(staticfiles_storage.url("portal/fanlight.css"))
    assert_guarded(answer, "css")
    assert "immutable" in answer["Cache-Control"]
    assert not answer.has_header("Access-Control-Allow-Origin")


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "MADEUP"])
def test_other_methods_are_refused_everywhere(stranger: Client, method: str) -> None:
    for address in ("/", "/sign-in/", "/nowhere/", staticfiles_storage.url("portal/fanlight.css")):
        answer = stranger.generic(method, address)
        assert answer.status_code == 405
        assert_guarded(answer, address)


def test_head_has_no_body(world: World, browse: Any) -> None:
    for address in ("/", "/nowhere/", "/sign-out/", staticfiles_storage.url("portal/fanlight.css")):
        answer = browse(world.alice).head(address)
        assert b"".join(answer) == b"", address
        assert_guarded(answer, address)


def test_another_host_name_is_refused(stranger: Client) -> None:
    answer = stranger.get("/sign-in/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert_guarded(answer, "/sign-in/")


def test_what_nobody_foresaw_becomes_a_calm_page_with_a_number(
    world: World, browse: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the-inner-detail")

    monkeypatch.setattr(home.lines, "gather", fail)
    with caplog.at_level(logging.ERROR, "fanlight.portal"):
        answer = browse(world.alice).get("/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert_guarded(answer, "/")
    assert "the-inner-detail" not in page
    assert "Traceback" not in page
    reference = next(record for record in caplog.records if "reference" in record.message).args[0]  # type: ignore[index]
    assert f"<code>{reference}</code>" in page


def test_a_fault_while_signing_in_does_not_log_the_link(
    world: World, stranger: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from fanlight.portal.views import sign_in

    def fail(**_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(sign_in.organizations, "use_sign_in_link", fail)
    token = "T" * 43
    with caplog.at_level(logging.DEBUG):
        assert stranger.post(f"/sign-in/{token}/").status_code == 500
    assert token not in "".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )


def test_an_error_goes_to_the_notice_when_htmx_asked(world: World, filled: Filled, browse: Any) -> None:
    answer = browse(world.charlie).get(
        f"/integrations/{filled.integration_id}/state/", headers={"HX-Request": "true"}
    )
    assert answer.status_code == 404
    assert answer["HX-Retarget"] == "#notice"
    assert b"<html" not in answer.content


def test_an_address_that_leads_nowhere_keeps_the_frame(world: World, browse: Any, stranger: Client) -> None:
    page = browse(world.alice).get("/nowhere/").content.decode()
    assert 'aria-label="Main"' in page
    assert "Sign out" not in stranger.get("/nowhere/").content.decode()


@pytest.mark.parametrize("address", ["/search/?q=%00", "/browse/?after=%00", "/settings/?saved=%00"])
def test_a_nul_breaks_nothing(world: World, browse: Any, address: str) -> None:
    assert browse(world.alice).get(address).status_code == 200


def test_what_cannot_be_looked_up_is_a_wrong_request(world: World, filled: Filled, browse: Any) -> None:
    alice = browse(world.alice)
    schema = filled.assets["shop.sales"]
    assert alice.get(f"/assets/{schema}/?containing=%00").status_code == 400
    assert alice.get(f"/assets/{schema}/?after=%00").status_code == 400


def test_numbers_out_of_range_are_taken_as_the_beginning(world: World, filled: Filled, browse: Any) -> None:
    alice = browse(world.alice)
    wide = filled.assets["shop.sales.wide"]
    for after in ("-1", "x", "9" * 40, "²", ""):
        assert b"c1<" in alice.get(f"/assets/{wide}/", {"after": after}).content


def test_a_database_that_does_not_answer_is_said_without_a_frame(
    world: World, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fanlight.portal import asking

    def fail(*_: object) -> None:
        raise OperationalError("connection to server failed: host=inner-name")

    alice = browse(world.alice)
    monkeypatch.setattr(asking.organizations, "visit", fail)
    answer = alice.get("/")
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "does not answer" in page
    assert "inner-name" not in page
    assert_guarded(answer, "/")


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"]
)
def test_a_body_beyond_a_megabyte_is_refused_before_it_is_read(stranger: Client, kind: str) -> None:
    answer = stranger.generic("POST", f"/sign-in/{'A' * 43}/", b"x" * (1024 * 1024 + 1), content_type=kind)
    assert answer.status_code == 413


def test_a_length_that_is_no_number_is_refused(stranger: Client) -> None:
    assert stranger.get("/sign-in/", CONTENT_LENGTH="many").status_code == 413
