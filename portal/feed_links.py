"""The ways into a calendar program for one address: itself, webcal, Google, Outlook, Apple, a QR code; pure.

Google and Outlook fetch the calendar from their own machines: whoever uses those links hands the address to them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from urllib.parse import quote

import segno


@dataclass(frozen=True, slots=True)
class FeedLinks:
    """Where each program begins; ``qr_svg`` is a whole SVG element that holds the webcal address."""

    https: str
    webcal: str
    google: str
    outlook: str
    apple: str
    qr_svg: str


def links_of(address_base: str, token: str, title: str = "Đôn Đốc") -> FeedLinks:
    """The links of one token; ``address_base`` is the portal's public address without a slash at the end."""
    https = f"{address_base}/lich/{token}.ics"
    webcal = f"webcal://{https.partition('://')[2]}"
    return FeedLinks(
        https=https,
        webcal=webcal,
        google=f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
        outlook=(
            f"https://outlook.office.com/calendar/0/addfromweb?url={quote(https, safe='')}&name={quote(title, safe='')}"
        ),
        apple=webcal,
        qr_svg=_draw(webcal),
    )


def _draw(text: str) -> str:
    """A QR code as SVG without any style of its own, named for who does not see it."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, light="#fff", dark="#000",
        title="Mã QR: mở địa chỉ lịch này bằng máy ảnh của điện thoại", svgclass="qr", lineclass=None, nl=False,
    )  # fmt: skip
    return drawn.getvalue().decode().replace("<svg ", '<svg role="img" ', 1)
