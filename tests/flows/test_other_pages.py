"""Prefect's server asks for no login, so no page of another origin in the same browser may read or change anything."""

import json
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

ELSEWHERE = "https://elsewhere.example"
opener = build_opener(ProxyHandler({}))


def send(server, method, path, body=None, **headers):
    """Status and headers of what a browser would send for a page."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{server.api.address}/api{path}", data, said, method=method)
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, answer.headers
    except HTTPError as refused:
        refused.close()
        return refused.code, refused.headers


@pytest.mark.parametrize("path", ["/health", "/csrf-token?client=x", "/admin/version"])
def test_only_the_screens_own_pages_may_read(real_server, path):
    may = [
        send(real_server, "GET", path, Origin=origin)[1]["access-control-allow-origin"]
        for origin in (real_server.api.address, "null", ELSEWHERE)
    ]
    assert may == [real_server.api.address, None, None]


def test_what_needs_leave_is_not_given_it(real_server):
    wanted = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "prefect-csrf-token"}
    status, said = send(real_server, "OPTIONS", "/variables/", Origin=ELSEWHERE, **wanted)
    assert (status, said["access-control-allow-origin"]) == (403, None)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json"])
def test_what_needs_no_leave_changes_nothing(real_server, kind):
    variable = {"name": "cua_trang_khac", "value": "x"}
    forged = {"Prefect_Csrf_Client": "x", "Prefect_Csrf_Token": "x"}
    for headers in ({"Origin": ELSEWHERE}, {}, forged):  # the token is asked for even where no page is named
        status, _ = send(real_server, "POST", "/variables/", variable, Content_Type=kind, **headers)
        assert status == 403
    assert real_server.api.ask("POST", "/variables/filter", {}) == []


def test_our_own_programs_go_on(real_server):
    kept = real_server.api.ask("POST", "/variables/", {"name": "cua_minh", "value": "x"})
    assert [one["name"] for one in real_server.api.ask("POST", "/variables/filter", {})] == ["cua_minh"]
    real_server.api.ask("DELETE", f"/variables/{kept['id']}")
