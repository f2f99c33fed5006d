"""The door before Prefect's server: only its own screen and this machine's programs pass."""

import asyncio
import json

import httpx
import pytest
from starlette.responses import PlainTextResponse
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from flows.serve_screen import POLICY, Door

ELSEWHERE = "http://127.0.0.1:9999"
OWN = "http://127.0.0.1:4200"


def knock(method: str, **headers: str) -> httpx.Response:
    """What the door of port 4200 answers."""

    async def ask() -> httpx.Response:
        inside = httpx.ASGITransport(Door(PlainTextResponse("inside"), 4200))
        async with httpx.AsyncClient(transport=inside, base_url=OWN) as client:
            return await client.request(method, "/x", headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("headers", [{}, {"origin": OWN}])
def test_the_screen_and_programs_pass(method, headers):
    answer = knock(method, **headers)
    assert (answer.status_code, answer.text) == (200, "inside")
    assert answer.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("origin", [ELSEWHERE, "https://elsewhere.example", "null", "http://localhost:4200", ""])
def test_pages_from_elsewhere_do_not(method, origin):
    answer = knock(method, origin=origin)
    assert (answer.status_code, answer.text) == (403, "")
    assert answer.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize("host", ["elsewhere.example:4200", "127.0.0.1", "127.0.0.1:4201", "localhost:9999", ""])
def test_nor_who_asks_by_another_name(host):
    assert knock("GET", host=host).status_code == 403


def test_whoever_types_localhost_is_led_to_the_address_the_screen_asks():
    answer = knock("GET", host="localhost:4200")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{OWN}/x")
    assert knock("POST", host="localhost:4200").status_code == 403
    assert knock("GET", host="localhost:4200", origin=ELSEWHERE).status_code == 403


def test_prefects_own_socket_of_events_is_behind_it(real_server):
    address = real_server.api.address
    socket = address.replace("http", "ws") + "/api/events/out"
    with pytest.raises(InvalidStatus) as refused, connect(socket, origin=ELSEWHERE, subprotocols=["prefect"]):
        pass
    assert refused.value.response.status_code == 403
    with connect(socket, origin=address, subprotocols=["prefect"]) as opened:
        opened.send(json.dumps({"type": "auth", "token": None}))
        assert json.loads(opened.recv(timeout=60))["type"] == "auth_success"


def test_its_screen_comes_with_the_policy(real_server):
    page = httpx.get(f"{real_server.api.address}/v2/", timeout=60, trust_env=False)
    assert (page.status_code, page.headers["content-security-policy"]) == (200, POLICY)
