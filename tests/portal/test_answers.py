"""Whatever is asked, the answer shuts the same doors and tells nothing of how the house is built."""

import logging
import socket
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import event

from notices.links import Links
from office.clock import Clock
from office.settings import Settings
from portal.app import make_app
from portal.desk import Desk
from tests.notices.told_rows import AT, NOTICES

WANTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
}


def doors(page):
    assert {name: page.headers.get(name) for name in WANTED} == WANTED
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'", "style-src": "'self'", "script-src": "'self'", "img-src": "'self' data:",
        "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
    }  # fmt: skip
    assert "set-cookie" not in page.headers


def test_every_answer_shuts_the_same_doors(portal):
    ask = portal.client
    pages = {
        200: ask.get(portal.link),
        422: portal.answer(code="1"),
        404: ask.get("/da-nhan/x"),
        405: ask.put(portal.link),
        413: ask.post(portal.link, content=b"x" * 33_000, headers={"Content-Type": "text/plain"}),
        415: ask.post(portal.link, json={"name": "Hoa"}),
        400: ask.post(portal.link, content=b"name=%ff", headers={"Content-Type": "application/x-www-form-urlencoded"}),
    }
    assert {wanted: page.status_code for wanted, page in pages.items()} == {status: status for status in pages}
    for page in [*pages.values(), ask.get("/healthz"), ask.get("/"), ask.head("/nowhere")]:
        doors(page)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/da-nhan", "/da-nhan/", "/static/../x"])
def test_there_is_nothing_else(portal, path):
    assert portal.client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_says_that_it_is_well(portal, path):
    page = portal.client.get(path)
    assert (page.status_code, page.text) == (200, "ok\n")


@pytest.mark.parametrize(
    "body",
    [b"&" * 8_000, b"name=" + b"%C3" * 100, "name=Lò".encode(), b"a=1&" * 21, b""],
    ids=["separators", "half a letter", "not encoded", "many fields", "nothing"],
)
def test_odd_bodies_are_answered_and_change_nothing(portal, body):
    before = portal.state()
    page = portal.client.post(
        portal.link, content=body, headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    )
    assert page.status_code in (400, 422)
    assert portal.state() == before


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; é=x"])
def test_odd_parts_are_answered_and_change_nothing(portal, kind):
    before = portal.state()
    page = portal.client.post(
        portal.link, content=b"--x\r\n\r\n\xff\r\n--x\r\n", headers={"Content-Type": kind.encode("latin-1")}
    )
    assert page.status_code in (400, 415, 422)
    assert portal.state() == before


def test_a_body_without_a_length_is_counted_while_it_arrives(portal):
    page = portal.client.post(
        portal.link,
        content=(b"x" * 1_000 for _ in range(100)),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert page.status_code == 413


def test_a_reader_who_hangs_up_does_no_harm(portal):
    address = urlsplit(portal.link)
    for _ in range(5):
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(
                f"POST {address.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n\r\nname=".encode()
            )
    assert portal.answer().status_code == 200


def test_a_database_that_does_not_answer_is_a_sentence(portal, monkeypatch):
    def refuse(*_anything, **_else):
        raise portal.engine.dialect.loaded_dbapi.OperationalError("máy chủ bí-mật đã tắt")

    monkeypatch.setattr(portal.engine.dialect, "do_execute", refuse)
    for page in (portal.client.get(portal.link), portal.client.get("/readyz")):
        assert (page.status_code, page.headers["retry-after"]) == (503, "30")
        assert "Hệ thống đang bận" in page.text
        assert "bí-mật" not in page.text
        doors(page)


def test_a_fault_of_ours_shows_no_traceback(serve, caplog, tmp_path):
    links = Links("một khóa để thử, đủ dài cho văn phòng", "")
    address = serve(lambda _address: make_app(Desk(Settings(home=tmp_path), Clock(held=AT), None, links)))
    page = httpx.get(address + links.acknowledge("x"))
    assert page.status_code == 500
    assert "Lỗi ở phía chúng tôi" in page.text
    assert "Traceback" not in page.text
    doors(page)


def test_the_diary_counts_actions_and_names_nobody(portal, caplog):
    caplog.set_level(logging.INFO, logger="portal")
    portal.answer(code="1")
    portal.answer()
    portal.client.get("/da-nhan/x")
    portal.client.post(portal.links.unsubscribe("hoa"), data={"List-Unsubscribe": "One-Click"})
    assert [(one.action, one.getMessage()) for one in caplog.records if one.name.startswith("portal")] == [
        ("acknowledge.code", "Biểu mẫu báo nhận chưa đúng, không ghi gì."),
        ("acknowledge", "Báo nhận 1 thông báo."),
        ("digest.refuse", "Một người nhận thôi nhận thư gộp."),
    ]


def test_looking_at_a_notice_asks_the_database_once(portal):
    asked = []
    event.listen(portal.engine, "before_cursor_execute", lambda *all_of_it: asked.append(all_of_it[2]))
    portal.client.get(portal.link)
    assert len([statement for statement in asked if NOTICES.name in statement]) == 1
