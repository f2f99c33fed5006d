"""Whoever sends too much or too slowly holds up nobody else and takes no memory."""

import socket
import time
from contextlib import ExitStack

import pytest

from portal import forms
from tests.portal.agency_office import read_code

MINE = "/co-quan/nop/P/BC/2024/A"
FORM = "application/x-www-form-urlencoded"
TOGETHER = 40  # more than there are threads for pages


def connect(office):
    host, _, port = office.address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def head(path, *lines):
    return "\r\n".join((f"POST {path} HTTP/1.1", "Host: x", *lines, "", "")).encode()


def begun(office, way):
    """The first bytes of a request that never ends."""
    cookie = f"Cookie: dondoc={office.who('hoa').cookies['dondoc']}"
    parts = "Content-Type: multipart/form-data; boundary=b"
    return {
        "half a line": b"GET /co-q",
        "half a head": b"GET /co-quan HTTP/1.1\r\nHost: x\r\nX-A: ",
        "half a form": head(office.gate(), f"Content-Type: {FORM}", "Content-Length: 1000") + b"code=1",
        "half a file": head(MINE, parts, "Content-Length: 50000000", cookie)
        + b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF',
        "half a piece": head(MINE, parts, "Transfer-Encoding: chunked", cookie) + b"ffff\r\n--b\r\n",
    }[way]


@pytest.mark.parametrize("way", ["half a line", "half a head", "half a form", "half a file", "half a piece"])
def test_many_who_drip_hold_up_nobody(attacked_office, way):
    office, first = attacked_office, begun(attacked_office, way)
    with ExitStack() as lines:
        slow = [lines.enter_context(connect(office)) for _ in range(TOGETHER)]
        for line in slow:
            line.sendall(first)
        browser, link = office.browser(), office.gate("minh")
        began = time.monotonic()
        assert browser.post(link, data={"code": read_code(browser.get(link).text)}).status_code == 303
        for line in slow:
            line.sendall(b"x")
        assert browser.get("/co-quan").status_code == 200
        assert office.who("lan").get("/thu-ky").status_code == 200
        assert time.monotonic() - began < forms.PATIENCE  # not after they were sent away


@pytest.mark.parametrize("path", ["/dang-nhap", "/xin-lien-ket", "{gate}", "{acknowledge}", MINE])
@pytest.mark.parametrize("length", [f"Content-Length: {2 * 1024**3}", "Transfer-Encoding: chunked"])
def test_two_gigabytes_are_not_taken_in(attacked_office, path, length):
    """The server hangs up on it, where the form is small after some kilobytes."""
    office, sent = attacked_office, 0
    path = path.format(
        gate=office.gate(), acknowledge=office.links.acknowledge("9f2c" * 8).removeprefix(office.address)
    )
    kind = FORM if path != MINE else "multipart/form-data; boundary=b"
    piece = (b"x" * 65_536) if "Length" in length else b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    cookie = f"Cookie: dondoc={office.who('hoa').cookies['dondoc']}"
    with connect(office) as line:
        line.sendall(head(path, f"Content-Type: {kind}", length, cookie))
        try:
            while sent < 2 * 1024**3:
                line.sendall(piece)
                sent += 65_536
        except OSError:
            pass
    assert sent < 50 * 1024**2


def test_a_form_a_little_too_long_still_gets_its_answer(attacked_office):
    page = attacked_office.browser().post("/xin-lien-ket", data={"address": "x" * 500_000})
    assert (page.status_code, "<h1" in page.text) == (413, True)
    assert page.headers.get("connection") != "close"
