"""Signed links: what a mail carries so that its reader can acknowledge it, stop digests, or enter, without a password.

Knows the office's secret and its public address, no database and no time: a link is ended by revoking it, a
personal one by the next generation too, or by its day (office.personal_links).
Who holds a link holds the mailbox it was sent to, or was handed the mail; that is not proof of who they are.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from itsdangerous import BadData, Signer

from models.errors import DonDocError

# One salt per action: a token that stops digests is no token that acknowledges.
ACKNOWLEDGE = "dondoc.acknowledge"
UNSUBSCRIBE = "dondoc.unsubscribe"
AGENCY = "dondoc.agency"
CHALLENGE = b"dondoc.challenge\0"
LONGEST = 512  # characters; ours have about 100, and nobody's time goes into hashing a novel


class UnusableLink(DonDocError):
    """A link that is not one of ours: forged, cut by a mail program, or made for another action."""

    def __init__(self) -> None:
        super().__init__(
            "Liên kết này không dùng được.", help="Mở lại liên kết trong thư, chép đủ cả dòng, hoặc hỏi nơi gửi thư."
        )


class Links:
    """Makes and reads links; ``secret`` signs them, ``base`` is the portal's address without a slash at the end."""

    def __init__(self, secret: str, base: str) -> None:
        self._secret = secret
        self._base = base

    def acknowledge(self, envelope: str) -> str:
        """The address at which the notices of one message are acknowledged.

        It is bound to them and by them to their due versions: after a new date it opens, and acknowledges nothing.
        """
        return f"{self._base}/da-nhan/{self._sign(ACKNOWLEDGE, envelope)}"

    def read_acknowledge(self, token: str) -> str:
        """The envelope a token stands for. Raises UnusableLink."""
        return self._read(ACKNOWLEDGE, token)

    def unsubscribe(self, contact: str) -> str:
        """The address that stops digests for a contact (List-Unsubscribe, RFC 8058)."""
        return f"{self._base}/thoi-gop/{self._sign(UNSUBSCRIBE, contact)}"

    def read_unsubscribe(self, token: str) -> str:
        """The code of the contact a token stands for. Raises UnusableLink."""
        return self._read(UNSUBSCRIBE, token)

    def agency(self, contact: str, generation: int) -> str:
        """The address at which a contact enters their agency's page, by the link's ``generation``."""
        return f"{self._base}/vao/{self._sign(AGENCY, f'{contact}.{generation}')}"

    def read_agency(self, token: str) -> tuple[str, int]:
        """The code of the contact a token lets in, and its generation. Raises UnusableLink."""
        contact, _, generation = self._read(AGENCY, token).rpartition(".")
        if not contact or not generation.isdecimal():
            raise UnusableLink
        return contact, int(generation)

    def challenge(self, token: str) -> str:
        """The four digits a person types to act on ``token``: the same every time, so nothing is stored.

        They begin at 3000: a year that stands on the page, picked up by a program, is never right.
        """
        digest = hmac.digest(self._secret.encode(), CHALLENGE + token.encode(), "sha256")
        return str(3000 + int.from_bytes(digest) % 7000)

    def _sign(self, action: str, about: str) -> str:
        # The text itself, not packed: packed it may begin with a dot, and many proxies refuse such names of files.
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", about):
            raise ValueError("not a code of ours")
        return self._signer(action).sign(about).decode()

    def _read(self, action: str, token: str) -> str:
        # Signed again and compared whole: base64 has several spellings of one signature, and a link has one.
        if len(token) > LONGEST or not token.isascii():
            raise UnusableLink
        try:
            about = self._signer(action).unsign(token).decode()
        except BadData:
            raise UnusableLink from None
        if not hmac.compare_digest(self._sign(action, about), token):
            raise UnusableLink
        return about

    def _signer(self, action: str) -> Signer:
        return Signer(self._secret, salt=action, key_derivation="hmac", digest_method=hashlib.sha256)
