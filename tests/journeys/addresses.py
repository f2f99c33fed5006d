"""Every address of the portal by its pattern, and a walk along links that looks at one page of each."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from starlette.routing import Match

from notices.links import Links
from office.settings import Settings
from portal.app import make_app
from portal.desk import Desk

SECRET = "chỉ để biết có những địa chỉ nào"
# what is no page: programs ask it, or a browser keeps it as a file
NO_PAGES = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/static/{name}",
    "/dang-nhap/oidc",
    "/dang-nhap/oidc/ve",
    "/co-quan/tep/{number:int}",
    "/thu-ky/tep/{number:int}",
    "/thu-ky/duyet/cong-van/{letter:int}/du-thao.docx",
}
FILES = (".docx", ".xlsx", ".ics")
LINKS = "[...document.links].map(one => one.href)"


@cache
def routes():
    """Every route of the application, as it would run in an office."""
    desk = Desk(Settings(home=Path("/nowhere")), None, None, Links(SECRET, "http://nowhere"), SECRET)
    return tuple(_flat(make_app(desk).routes))


def _flat(some):
    for one in some:
        inner = getattr(one, "original_router", None)
        if inner is None:
            yield one
        else:
            yield from _flat(inner.routes)


def patterns():
    """The patterns of all pages people look at."""
    return {one.path for one in routes() if "GET" in (one.methods or ())} - NO_PAGES


def pattern_of(address):
    """The pattern an address of ours belongs to; None for what is no page."""
    path = urlsplit(address).path
    if path.endswith(FILES):
        return None
    scope = {"type": "http", "path": path, "method": "GET"}
    found = next((one.path for one in routes() if one.matches(scope)[0] == Match.FULL), None)
    return None if found in NO_PAGES else found


def walk(page, portal, starts, look):
    """Follows links from some pages, and looks at the first address found of each pattern; pattern → address."""
    found, waiting = {}, [start if start.startswith("http") else portal + start for start in starts]
    while waiting:
        address = waiting.pop(0)
        pattern = pattern_of(address)
        if pattern is None or pattern in found:
            continue
        found[pattern] = address
        look(pattern, address)
        waiting += [link.partition("#")[0] for link in page.evaluate(LINKS) if link.startswith(f"{portal}/")]
    return found
