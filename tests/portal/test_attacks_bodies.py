"""Whoever sends too much or too slowly holds up nobody else and takes no memory."""

import socket
from contextlib import ExitStack

import httpx
import pytest
from fastapi import FastAPI, Request
from python_multipart import multipart

from portal import forms, uploads
from tests.portal.agency_office import read_code

MINE = "/co-quan/nop/P/BC/2024/A"
FORM = "application/x-www-form-urlencoded"
PARTS = {"Content-Type": "multipart/form-data; boundary=B"}
MOST_OF_A_HEADER = 4300  # bytes; what reads them may take a time that grows with their square
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
def test_many_who_drip_hold_up_nobody(attacked_office, monkeypatch, way):
    for room, patience in ((forms, "PATIENCE"), (uploads, "PATIENCE_FOR_A_PIECE")):
        monkeypatch.setattr(room, patience, 600.0)  # none of them is sent away meanwhile
    office, first = attacked_office, begun(attacked_office, way)
    with ExitStack() as lines:
        slow = [lines.enter_context(connect(office)) for _ in range(TOGETHER)]
        for line in slow:
            line.sendall(first)
        browser, link = office.browser(), office.gate("minh")
        assert browser.post(link, data={"code": read_code(browser.get(link).text)}).status_code == 303
        for line in slow:
            line.sendall(b"x")
        assert browser.get("/co-quan").status_code == 200
        assert office.who("lan").get("/thu-ky").status_code == 200


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


def part(header, content=b"x", end=b"--B--\r\n"):
    return b"--B\r\n" + header + b"\r\n\r\n" + content + b"\r\n" + end


def field(name, content=b"x", end=b""):
    return part(b'Content-Disposition: form-data; name="%s"' % name, content, end)


@pytest.fixture
def form_page(serve):
    """A page that says which fields it read."""
    app = FastAPI()

    @app.post("/")
    async def take(request: Request):
        return await forms.read_form(request)

    address = serve(lambda _address: app)
    return lambda body, headers=PARTS: httpx.post(address, content=body, headers=headers, timeout=60)


def test_the_parts_of_a_form_are_read_as_they_were_sent(form_page):
    body = field("tên".encode(), "Lò Thị\r\nHoa".encode()) + field(b"a", b"first") + field(b"a", b"second")
    body += field(b"b", b"nul\0") + field(b"c", b"")
    body += part(b'Content-Disposition: form-data; name="f"; filename="x.pdf"', b"%PDF", b"")
    coded = b'Content-Disposition: form-data; name="d"\r\nContent-Transfer-Encoding: base64'
    page = form_page(body + part(coded, b"SG9h"))
    assert page.json() == {"tên": "Lò Thị\r\nHoa", "a": "first", "b": "nul\x1a", "c": "", "d": "Hoa"}


LONG = forms.LARGEST - 100


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (part(b"Content-Disposition: " + b";" * LONG), 400),
        (part(b"Content-Disposition: " + b"(" * LONG), 400),
        (part(b'Content-Disposition: form-data; name="' + b'\\"' * (LONG // 2)), 400),
        (part(b'Content-Disposition: form-data; name="a"' + b";a" * (LONG // 2)), 400),
        (part(b"X: y\r\n" * 9 + b'Content-Disposition: form-data; name="a"'), 400),
        (part(b"A" * LONG), 400),
        (field(b"a") * (forms.LARGEST // 60) + b"--B--", 200),
        (b"".join(field(b"%d" % n) for n in range(forms.MOST_FIELDS + 1)) + b"--B--", 400),
        (field(b"a") + b"--C" * 10_000 + b"\r\n--B--", 200),
        (part(b"Content-Disposition: form-data"), 400),
        (field(b"a", b"\xff") + b"--B--", 400),
        (field(b"\xff") + b"--B--", 400),
        (part(b'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64', b"S"), 400),
        (field(b"a"), 400),
        (field(b"a") + b"--B", 400),
        (b"", 400),
        (b"no boundary at all", 400),
    ],
    ids=["semicolons", "brackets", "quotes", "parameters", "headers", "no colon", "parts of one name", "many names",
         "nearly our boundary", "no name", "not UTF-8", "name not UTF-8", "not base64", "no end", "half an end",
         "empty", "not parts"],
)  # fmt: skip
def test_what_reads_headers_is_never_given_a_long_one(form_page, monkeypatch, body, code):
    given, read = [], multipart.parse_options_header
    monkeypatch.setattr(multipart, "parse_options_header", lambda value: given.append(len(value or "")) or read(value))
    assert form_page(body).status_code == code
    assert max(given, default=0) <= MOST_OF_A_HEADER


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("multipart/form-data; boundary=B" + ";a=b" * 10_000, 415),
        ("multipart/form-data; boundary=B;".ljust(forms.LONGEST_KIND, "a"), 200),
        ("multipart/form-data; boundary=B;".ljust(forms.LONGEST_KIND + 1, "a"), 415),
        ("multipart/form-data", 400),
        ('multipart/form-data; boundary=""', 400),
        ("multipart/form-data; boundary=" + "b" * 265, 400),
        ('Multipart/Form-Data; charset=x; boundary="B"', 200),
        ("multipart/mixed; boundary=B", 415),
        ("", 415),
    ],
    ids=[
        "long",
        "just short enough",
        "a letter too long",
        "none",
        "nothing",
        "more than may be",
        "odd",
        "another",
        "empty",
    ],
)
def test_a_kind_no_browser_sends_is_refused(form_page, kind, code):
    assert form_page(field(b"a") + b"--B--\r\n", {"Content-Type": kind}).status_code == code
