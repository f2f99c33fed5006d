"""Opens the portal on this machine: ``python -m portal.serve``. A proxy with TLS stands before it in a real office."""

from __future__ import annotations

import logging
import socket
import sys
from typing import Any

import uvicorn
from sqlalchemy import Engine, event

from models.errors import DonDocError
from notices.links import Links
from office.clock import read_clock
from office.secret import link_secret
from office.settings import Settings, read_settings
from office.store import open_store
from portal.app import make_app
from portal.desk import Desk

HOST = "127.0.0.1"
SECONDS_FOR_THE_STORE = 5  # a person waits no longer before a page; they are asked to come again


class PortTaken(DonDocError):
    """Something else listens on the portal's port, or it may not be opened."""

    exit_code = 2


def serve(settings: Settings) -> None:
    """Serves until it is told to stop. Raises PortTaken, and what opening the office raises."""
    listener = listen(settings.portal_port)
    secret, clock = link_secret(settings), read_clock(settings)
    store = open_store(settings.database_url)
    keep_nobody_waiting(store)
    app = make_app(Desk(settings, clock, store, Links(secret, settings.portal_address), secret))
    config = uvicorn.Config(
        app,
        access_log=False,  # its lines hold the links
        log_config=None,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    print(f"Cổng báo nhận mở ở http://{HOST}:{settings.portal_port}", flush=True)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        store.dispose()


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
            f"Không mở được cổng {port} cho trang báo nhận: {error.strerror}.",
            help="Dừng chương trình đang dùng cổng ấy, hoặc đặt DONDOC_PORTAL_PORT là một số khác.",
        ) from None
    return listener


def main() -> int:
    """The exit code: 0 when told to stop, 2 for a machine or setting that cannot."""
    line = logging.Formatter("%(asctime)s %(levelname)s %(action)s %(message)s", defaults={"action": "-"})
    handler = logging.StreamHandler()
    handler.setFormatter(line)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
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
