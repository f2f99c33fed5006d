"""Prefect's server behind a door for its own screen and this machine's programs: ``python -m flows.serve_screen``.

It asks for no login, and browsers let any page open a socket to it or show it in a frame: CORS is no help there.
"""

from __future__ import annotations

import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from office.settings import read_settings

HOST = "127.0.0.1"
# In no other page's frame, where a press could be led astray; and nothing is told to a host outside.
POLICY = "frame-ancestors 'none'; connect-src 'self'"


class Door:
    """Lets in who asks ``port`` of this machine by its number and, if a page asks, is a page from there.

    A name of somebody else's may be led to this machine (DNS rebinding), so the name asked for counts too.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._own, self._also = f"{HOST}:{port}", f"localhost:{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, socket, or the server's beginning and end."""

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = POLICY
            await send(message)

        answer = self._app if scope["type"] == "lifespan" else self._answer(scope)
        await answer(scope, receive, with_policy)

    def _answer(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        host, origin = headers.get("host"), headers.get("origin")
        if host == self._own and origin in (None, f"http://{self._own}"):
            return self._app
        if scope["type"] == "websocket":
            return WebSocketClose(1008)
        if host == self._also and origin is None and scope["method"] == "GET":  # typed so: the screen asks by number
            return RedirectResponse(f"http://{self._own}{scope['path']}")
        return Response(status_code=403)


def main() -> None:
    """Serves until a signal; needs the environment of office.prefect_environment."""
    from prefect.server.api.server import create_app  # takes seconds, which a test of the door need not

    port = read_settings().prefect_port
    uvicorn.run(Door(create_app(final=True), port), host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    main()
