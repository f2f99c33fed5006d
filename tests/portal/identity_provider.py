"""A small identity provider over HTTP: discovery, keys, authorization codes with PKCE, signed answers."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, quote, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.portal.office_door import MACHINE

CLIENT, SECRET = "dondoc", "khóa của: cổng"
KEY, STRANGE_KEY = (RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}) for _ in range(2))


class IdentityProvider:
    """``claims`` go over what it would truly say; ``key`` signs; ``down`` names an endpoint that fails."""

    def __init__(self, serve):
        self.claims, self.key, self.down, self.header = {}, KEY, None, {"alg": "RS256", "kid": "k1"}
        self.codes, self.told = {}, {}
        self.issuer = serve(self._make)

    def _make(self, address):
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def discover():
            if self.down == "discovery":
                return JSONResponse({}, 500)
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": address} | {name: f"{address}/{end}" for name, end in ends.items()} | self.told

        @app.get("/keys")
        def keys():
            return KeySet([KEY]).as_dict(private=False)

        @app.get("/authorize")
        def authorize(request: Request):
            asked = dict(request.query_params)
            assert asked["scope"] == "openid profile email"
            assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
            code = secrets.token_urlsafe(8)
            self.codes[code] = asked
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

        @app.post("/token")
        async def token(request: Request):
            if self.down == "token":
                return JSONResponse({}, 500)
            form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            said = base64.b64encode(f"{CLIENT}:{quote(SECRET, safe='')}".encode()).decode()
            asked = self.codes.pop(form["code"], None)
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            good = asked and asked["code_challenge"] == challenge and asked["redirect_uri"] == form["redirect_uri"]
            if not good or request.headers["authorization"] != f"Basic {said}":
                return JSONResponse({"error": "invalid_grant"}, 400)
            return {"access_token": "x", "token_type": "Bearer", "id_token": self._say(asked["nonce"], address)}

        return app

    def _say(self, nonce, address):
        now = int(MACHINE.timestamp())
        true = {"iss": address, "aud": CLIENT, "sub": "sub-1", "nonce": nonce, "iat": now, "exp": now + 300}
        return jwt.encode(self.header, true | {"preferred_username": "an"} | self.claims, self.key)
