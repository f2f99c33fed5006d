"""What is received of a form with files: counted while it comes, stopped at the limit, and nothing left behind."""

import socket
import time

import httpx
import pytest
from fastapi import FastAPI, Request

from portal import uploads
from portal.uploads import INCOMING, receive_upload

BOUNDARY = "ranh-gioi"
HEAD = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(name, content, filename=None):
    """One part as a browser sends it."""
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    return f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "files"


@pytest.fixture
def address(serve, folder):
    """A page that says what it received, and where it lay meanwhile."""
    app = FastAPI()

    @app.post("/")
    async def take(request: Request):
        async with receive_upload(request, folder) as upload:
            lying = [path.parent == folder / INCOMING and path.stat().st_mode & 0o777 for _, path in pairs(upload)]
            return [upload.fields, [[name, path.read_bytes().decode()] for name, path in pairs(upload)], lying]

    return serve(lambda _address: app)


def pairs(upload):
    return [(file.name, file.path) for file in upload.files]


def left(folder):
    return list((folder / INCOMING).glob("*")) if folder.exists() else []


def post(address, body, headers=HEAD):
    return httpx.post(address, content=body, headers=headers, timeout=60)


def test_fields_and_files_arrive_as_they_were_sent_and_are_gone_afterwards(address, folder):
    body = part("name", "Lò Thị Hoa".encode()) + part("name", b"second") + part("files", b"%PDF", "Báo cáo.pdf")
    body += part("files", b"", "") + part("files", b"x", "../../etc/passwd") + END
    fields, files, lying = post(address, body).json()
    assert fields == {"name": "Lò Thị Hoa"}
    assert files == [["Báo cáo.pdf", "%PDF"], ["../../etc/passwd", "x"]]
    assert lying == [0o600, 0o600]
    assert left(folder) == []


@pytest.mark.parametrize(
    ("code", "body", "headers"),
    [
        (415, b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}),
        (415, END, {"Content-Type": "multipart/form-data"}),
        (415, END, {"Content-Type": HEAD["Content-Type"] + ";a=b" * 10_000}),
        (400, b"no boundary at all", HEAD),
        (400, part("name", b"x") + b"--" + BOUNDARY.encode(), HEAD),
        (400, part("name", b"\xff\xfe") + END, HEAD),
        (400, part("files", b"half", "a.pdf")[:-6], HEAD),
        (413, part("note", b"x" * (uploads.LARGEST_FIELD + 1)) + END, HEAD),
        (413, part("files", b"x", "a.pdf") * (uploads.MOST_PARTS + 1) + END, HEAD),
    ],
    ids=[
        "another kind",
        "no boundary",
        "long kind",
        "not parts",
        "no end",
        "not UTF-8",
        "cut",
        "a novel",
        "too many parts",
    ],
)
def test_what_is_no_such_form_is_refused(address, folder, code, body, headers):
    assert post(address, body, headers).status_code == code
    assert left(folder) == []


def test_two_gigabytes_are_refused_before_a_byte_is_read(address, folder):
    with connect(address) as line:
        line.sendall(request_head(f"Content-Length: {2 * 1024**3}"))
        assert line.recv(100).startswith(b"HTTP/1.1 413")
    assert not folder.exists()


def test_without_a_length_it_stops_at_the_limit(address, folder, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 300_000)
    sent = 0
    with connect(address) as line:
        line.sendall(request_head("Transfer-Encoding: chunked"))
        begin = part("files", b"", "a.pdf")[:-2]
        line.sendall(f"{len(begin):x}\r\n".encode() + begin + b"\r\n")
        try:
            while sent < 2 * 1024**3:
                line.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                sent += 65_536
        except OSError:  # the server has hung up
            pass
    assert sent < 100 * 1024**2
    wait_until_gone(folder)


@pytest.mark.parametrize("limit", ["PATIENCE_FOR_ALL", "PATIENCE_FOR_A_PIECE"])
def test_whoever_dawdles_is_answered_408(address, folder, monkeypatch, limit):
    monkeypatch.setattr(uploads, limit, 0.3)
    with connect(address) as line:
        line.sendall(request_head("Content-Length: 1000") + part("files", b"x", "a.pdf")[:-3])
        assert line.recv(100).startswith(b"HTTP/1.1 408")
    wait_until_gone(folder)


def test_whoever_hangs_up_leaves_nothing(address, folder):
    with connect(address) as line:
        line.sendall(request_head("Content-Length: 1000") + part("files", b"x" * 100, "a.pdf")[:-3])
        while not left(folder):
            time.sleep(0.01)
    wait_until_gone(folder)


def connect(address):
    host, _, port = address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def request_head(length):
    return f"POST / HTTP/1.1\r\nHost: x\r\n{length}\r\nContent-Type: {HEAD['Content-Type']}\r\n\r\n".encode()


def wait_until_gone(folder):
    for _ in range(500):
        if not left(folder):
            return
        time.sleep(0.01)
    assert left(folder) == []
