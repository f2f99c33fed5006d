"""The identity provider as OpenID Connect speaks of it: where to send a person, and what its signed answer says.

Knows no database and no page. Authorization code with PKCE (RFC 7636); the answer's signature, issuer, audience,
times and nonce are checked (OpenID Connect Core §3.1.3.7).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from models.errors import DonDocError
from notices.references import unlogged

ALGORITHMS = ["RS256", "PS256", "ES256"]  # by a key only the provider has; never "none", never our shared secret
SCOPE = "openid profile email"
PATIENCE = 5.0  # seconds
LEEWAY = 60  # seconds two clocks may differ
MOST_BYTES = 256 * 1024


class ProviderDown(DonDocError):
    """The provider does not answer, or not as one."""

    def __init__(self) -> None:
        super().__init__(
            "Nơi cấp danh tính không trả lời đúng.", help="Thử lại sau, hoặc đăng nhập bằng mật khẩu của Đôn Đốc."
        )


class UntrustedAnswer(DonDocError):
    """An answer that is not certainly the provider's, for us, for this sign-in and of now; logs say ``reason``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("Không tin được lời xác nhận của nơi cấp danh tính.", help="Hãy đăng nhập lại từ đầu.")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for: its own unchanging name for them, and a verified mail address, or none."""

    subject: str
    mail: str


class Provider:
    """One provider; ``back`` is our address it sends people back to, ``secret`` is ours with it, or empty."""

    def __init__(self, issuer: str, client: str, secret: str, back: str) -> None:
        self._issuer, self._client, self._secret, self._back = issuer, client, secret, back
        self._known: Mapping[str, Any] | None = None

    def entrance(self, state: str, nonce: str, verifier: str) -> str:
        """The provider's address at which a person proves who they are. Raises ProviderDown."""
        challenge = create_s256_code_challenge(verifier)
        address = prepare_grant_uri(
            self._metadata()["authorization_endpoint"],
            client_id=self._client,
            response_type="code",
            redirect_uri=self._back,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=challenge,
            code_challenge_method="S256",
        )
        return str(address)

    def identify(self, code: str, nonce: str, verifier: str, really: datetime) -> Person:
        """Whom ``code`` stands for. Raises ProviderDown, UntrustedAnswer."""
        answer = self._ask("POST", self._metadata()["token_endpoint"], **self._exchange(code, verifier))
        claims = self._read(answer.get("id_token"), nonce, really)
        verified = claims.get("email_verified") is True
        return Person(claims["sub"], str(claims.get("email", "")).strip().lower() if verified else "")

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._back, "code_verifier": verifier}
        ways = self._metadata().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self._secret and "client_secret_basic" in ways:  # RFC 6749 §2.3.1: both are encoded first
            return {"data": form, "auth": (quote(self._client, safe=""), quote(self._secret, safe=""))}
        form["client_id"] = self._client
        return {"data": form | ({"client_secret": self._secret} if self._secret else {})}

    def _read(self, token: Any, nonce: str, really: datetime) -> dict[str, Any]:
        keys = self._ask("GET", self._metadata()["jwks_uri"])
        try:
            claims = jwt.decode(str(token), KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims  # type: ignore[arg-type]  # a set that is none is refused by it
            self._rules(nonce, really).validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise UntrustedAnswer(type(error).__name__) from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._client) != self._client:
            raise UntrustedAnswer("azp")
        return claims

    def _rules(self, nonce: str, really: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(really.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )

    def _metadata(self) -> Mapping[str, Any]:
        """What the provider says of itself; asked once, and again after it did not answer."""
        if self._known is None:
            known = self._ask("GET", self._issuer.rstrip("/") + "/.well-known/openid-configuration")
            places = [known.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
            scheme = urlsplit(self._issuer).scheme
            if known.get("issuer") != self._issuer or not all(_is_address(place, scheme) for place in places):
                raise ProviderDown
            self._known = known
        return self._known

    def _ask(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        body = b""
        try:
            # Not logged: httpx writes whole addresses.
            with unlogged(), httpx.stream(method, address, timeout=PATIENCE, **options) as answer:
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise ProviderDown
            said = json.loads(body)
        except (httpx.HTTPError, ValueError):
            raise ProviderDown from None
        if answer.status_code == 400 and isinstance(said, dict) and "error" in said:
            raise UntrustedAnswer(str(said["error"])[:40])  # a code that was used before, or not for us
        if answer.status_code != 200 or not isinstance(said, dict):
            raise ProviderDown
        return said


def _is_address(place: object, scheme: str) -> bool:
    return isinstance(place, str) and urlsplit(place).scheme == scheme and bool(urlsplit(place).netloc)
