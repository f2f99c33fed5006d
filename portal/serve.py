"""Opens the portal on this machine: ``python -m portal.serve``. A proxy with TLS stands before it in a real office."""

from __future__ import annotations

import logging
import socket
import sys
import time
from contextlib import suppress
from threading import Thread
from typing import Any

import uvicorn
from sqlalchemy import Engine, event

from models.errors import DonDocError
from notices.links import Links
from office.clock import read_clock
from office.secret import link_secret
from office.settings import Settings, read_settings
from office.store import StoreAway, bring_up_to_date, open_store, reach_store
from portal.app import make_app
from portal.desk import Desk
from portal.diary import Diary, keep_diary
from portal.feed_refresher import FeedNumbers, FeedRefresher
from portal.feed_shelf import FeedShelf
from portal.feeds import FeedDoor

HOST = "127.0.0.1"
SECONDS_BETWEEN_TRIES = 2
SECONDS_FOR_THE_STORE = 5  # a person waits no longer before a page; they are asked to come again


_log = logging.getLogger(__name__)


class PortTaken(DonDocError):
    """Something else listens on the portal's port, or it may not be opened."""

    exit_code = 2


def serve(settings: Settings) -> None:
    """Serves until it is told to stop. Raises PortTaken, and what opening the office raises."""
    listener = listen(settings.portal_port)
    secret, clock = link_secret(settings), read_clock(settings)
    store = open_or_await(settings)
    keep_nobody_waiting(store)
    desk = Desk(settings, clock, store, Links(secret, settings.portal_address), secret)
    shelf = FeedShelf(settings.feeds_file)
    refresher = FeedRefresher(desk, shelf)
    app = make_app(desk, [FeedNumbers(refresher)])
    app.state.wake_feeds = refresher.wake
    refresher.door = FeedDoor(Diary(app), shelf, desk)
    config = uvicorn.Config(
        refresher.door,
        access_log=False,  # its lines hold the links
        log_config=None,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    print(f"Cổng Đôn Đốc mở ở http://{HOST}:{settings.portal_port}", flush=True)
    refresher.start()
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        refresher.stop()
        shelf.close()
        store.dispose()


def open_or_await(settings: Settings) -> Engine:
    """The database; while its server is away the portal opens all the same, for feeds need none, and waits for it.

    Raises StoreUnusable for what waiting does not mend.
    """
    try:
        return open_store(settings.database_url)
    except StoreAway as away:
        _log.warning("%s Cổng vẫn mở, các trang chờ cơ sở dữ liệu.", away, extra={"action": "store.away"})
        store = reach_store(settings.database_url)
        Thread(target=_await_store, args=(store,), daemon=True).start()
        return store


def _await_store(store: Engine) -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_TRIES)
        with suppress(StoreAway):
            bring_up_to_date(store)
            _log.info("Cơ sở dữ liệu đã trả lời.", extra={"action": "store.back"})
            return


def keep_nobody_waiting(store: Engine) -> None:
    """A page gives up on a busy database after a few seconds, where a command waits a minute."""
    store.dispose()  # connections already made would go on waiting as before

    @event.listens_for(store, "connect")
    def _set_patience(connection: Any, _record: Any) -> None:
        limit = SECONDS_FOR_THE_STORE * 1000
        postgres = store.dialect.name == "postgresql"
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {limit}" if postgres else f"PRAGMA busy_timeout={limit}")
        cursor.close()
        if postgres:
            connection.commit()


def listen(port: int) -> socket.socket:
    """Opens the port, or a free one for 0, before anything else begins. Raises PortTaken."""
    # TCP by name: asyncio sends small answers at once only where it sees that, else each waits 40 ms.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Không mở được cổng {port} cho cổng Đôn Đốc: {error.strerror}.",
            help="Dừng chương trình đang dùng cổng ấy, hoặc đặt DONDOC_PORTAL_PORT là một số khác.",
        ) from None
    return listener


def main() -> int:
    """The exit code: 0 when told to stop, 2 for a machine or setting that cannot."""
    keep_diary()
    try:
        serve(read_settings())
    except DonDocError as error:
        print(f"Lỗi: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
