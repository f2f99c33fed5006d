"""The local mail sink: takes any mail, keeps it as a file, sends it nowhere. ``python -m office.mail_sink``.

Knows nothing of what is in the mail and asks no time: order is that of arrival.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from jinja2 import Environment

from models.errors import DonDocError

HOST = "127.0.0.1"  # never another: what comes here must not leave the machine
LARGEST = 50 << 20
SHOWN = 500  # mails on the page; all are in the folder
SHOWN_LETTERS = 20_000
PAUSE = 0.3  # seconds the page may lag behind, so that a thousand mails do not write it a thousand times
KEPT = re.compile(r"(\d+)-(.+?)(?:-(\d+))?\.eml")

PAGE = Environment(autoescape=True).from_string("""\
<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Hộp thư thử</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
article { border-top: 1px solid #ccc; padding: .75rem 0; }
h2 { font-size: 1.05rem; margin: 0; }
p { margin: .25rem 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; padding: .75rem; }
</style>
</head>
<body>
<h1>Hộp thư thử</h1>
<p><strong>Không thư nào ở đây rời khỏi máy này.</strong> Mọi thư Đôn Đốc gửi được giữ lại để xem, mới nhất ở trên.</p>
{% for mail in mails %}
<article>
<h2><a href="{{ mail.file }}">{{ mail.subject or "(không có tiêu đề)" }}</a></h2>
<p>Gửi đến: {{ mail.to }}</p>
<p>Ngày: {{ mail.date }}</p>
{% if mail.attachments %}<p>Đính kèm: {{ mail.attachments | join(", ") }}</p>{% endif %}
<details><summary>Nội dung</summary><pre>{{ mail.text | urlize }}</pre></details>
</article>
{% else %}
<p>Chưa có thư nào.</p>
{% endfor %}
{% if older %}<p>Còn {{ older }} thư cũ hơn trong thư mục.</p>{% endif %}
</body>
</html>
""")


class UnusableSink(DonDocError):
    """The sink cannot begin: its port is taken or its folder cannot be used."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """One mail as the page shows it; all text, nothing trusted."""

    file: str
    subject: str
    to: str
    date: str
    attachments: tuple[str, ...]
    text: str


def show(file: str, raw: bytes) -> Shown:
    """What the page says about a mail; broken mail is shown as far as it can be read."""
    mail = _parsed(raw)
    texts = [part for part in mail.walk() if part.get_content_type() == "text/plain" and not _file_name(part)]
    names = (_file_name(part) for part in mail.walk())
    return Shown(
        file=file,
        subject=_words(mail, "Subject"),
        to=_words(mail, "To"),
        date=_words(mail, "Date"),
        attachments=tuple(name for name in names if name),
        text=_text(texts[0])[:SHOWN_LETTERS] if texts else "",
    )


def _parsed(raw: bytes) -> Message:
    try:
        return message_from_bytes(raw)
    except (TypeError, ValueError):  # the standard library, at a broken boundary parameter (RFC 2231)
        return _headers(raw)


def _headers(raw: bytes) -> Message:
    return BytesParser().parsebytes(raw, headersonly=True)


def _words(mail: Message, header: str) -> str:
    return _decoded(str(mail.get(header, "")))


def _decoded(words: str) -> str:
    with suppress(LookupError, ValueError, MessageError):  # an unknown charset, or words that only look encoded
        return str(make_header(decode_header(words)))
    return words


def _file_name(part: Message) -> str:
    with suppress(TypeError, ValueError):  # what the standard library makes of a broken name (RFC 2231)
        return _decoded(part.get_filename(""))
    return ""


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    with suppress(LookupError, TypeError, ValueError):
        return raw.decode(part.get_content_charset("utf-8"), "replace")
    return raw.decode("utf-8", "replace")


class Keeper:
    """Keeps mails in ``folder`` under names that sort by arrival; a second one with the same Message-ID gets -2."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arrived = 0
        self.copies: dict[str, int] = {}
        self.shown: deque[Shown] = deque(maxlen=SHOWN)
        self.to_show: list[tuple[str, bytes]] = []  # read only for the page: a mail that is kept is acknowledged
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # personal links are in it
        for half in folder.glob("*.half"):
            half.unlink()  # of a run that was killed before it had promised anything
        for path in sorted(folder.glob("*.eml")):
            self._remember(path)

    def _remember(self, path: Path) -> None:
        found = KEPT.fullmatch(path.name)
        if found is None:
            return
        key = found[2]
        self.arrived = max(self.arrived, int(found[1]))
        self.copies[key] = self.copies.get(key, 0) + 1
        self.shown.append(show(path.name, path.read_bytes()))

    def keep(self, raw: bytes) -> str:
        """On the disk, whole, when this returns its name. Raises OSError, and then nothing was kept."""
        key = _key(raw)
        copy = self.copies.get(key, 0) + 1
        name = f"{self.arrived + 1:06d}-{key}{f'-{copy}' if copy > 1 else ''}"
        _write(self.folder / f"{name}.eml", raw)
        self.arrived, self.copies[key] = self.arrived + 1, copy
        self.to_show.append((f"{name}.eml", raw))
        return name

    def write_page(self) -> None:
        """The page anew, whole or not at all."""
        waiting, self.to_show = self.to_show, []
        self.shown.extend(show(file, raw) for file, raw in waiting)
        page = PAGE.render(mails=list(reversed(self.shown)), older=sum(self.copies.values()) - len(self.shown))
        _write(self.folder / "index.html", page.encode("utf-8", "replace"))


def _key(raw: bytes) -> str:
    """The part of Message-ID before @, as a file name. A number at its end would look like a copy's."""
    header = _words(_headers(raw), "Message-ID").strip().lstrip("<")
    return re.sub(r"[^0-9A-Za-z._]", "_", header.partition("@")[0])[:64] or "khong-ma"


def _write(path: Path, content: bytes) -> None:
    half = path.with_name(path.name + ".half")
    try:
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        _sync_folder(path.parent)
    except OSError:
        with suppress(OSError):
            half.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


class Handler:
    """aiosmtpd's hooks: keep first, then say so."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self._page_due: asyncio.TimerHandle | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  their name
        """The reply after the final dot."""
        try:
            name = self.keeper.keep(envelope.original_content or b"")
        except OSError:
            return "452 4.3.1 the mail could not be written, nothing was kept"
        if self._page_due is None:
            self._page_due = asyncio.get_running_loop().call_later(PAUSE, self.write_page)
        return f"250 2.0.0 kept as {name}"

    def write_page(self) -> None:
        """Now; a page that cannot be written waits for the next mail, the mails are what counts."""
        self._page_due = None
        try:
            self.keeper.write_page()
        except OSError as error:
            print(f"Chưa ghi được trang hộp thư thử: {error.strerror}.", file=sys.stderr)


async def serve(port: int, folder: Path) -> None:
    """Takes mail until SIGTERM or SIGINT; port 0 takes a free one. Says on one line where it listens.

    Raises UnusableSink.
    """
    handler, loop, stop = Handler(_keeper(folder)), asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def answer() -> Any:
        return SMTP(handler, hostname="localhost", ident="Don Doc", data_size_limit=LARGEST, enable_SMTPUTF8=True)

    try:
        server = await loop.create_server(answer, HOST, port)
    except OSError as error:
        raise UnusableSink(f"Không mở được hộp thư thử ở cổng {port}.", help="Chọn cổng khác.") from error
    handler.write_page()
    print(f"Hộp thư thử: {HOST}:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()
    server.close()
    handler.write_page()


def _keeper(folder: Path) -> Keeper:
    try:
        return Keeper(folder)
    except OSError as error:
        raise UnusableSink(
            f"Không ghi được vào thư mục hộp thư thử {folder}.", help="Kiểm tra đường dẫn, quyền ghi và dung lượng."
        ) from error


def main(arguments: list[str]) -> int:
    """The program; returns its exit code."""
    parser = argparse.ArgumentParser(prog="office.mail_sink", description="Giữ thư lại trên máy này.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args(arguments)
    try:
        asyncio.run(serve(asked.port, asked.folder))
    except DonDocError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
