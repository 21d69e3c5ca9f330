"""Time stamps by RFC 3161: an authority signs that a digest existed at a time. Asked over HTTP, checked offline."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx2
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from server.master.anchors import AnchorError
from server.settings import Settings, SettingsError

__all__ = ["Authority", "anchor_of"]

WITHIN_S = 10.0
_MOST = 64 << 10
_ASKS = "application/timestamp-query"


class Authority:
    """The authority at `url`, believed if `roots` (the first of them its own or that of its issuer) vouch for it."""

    def __init__(self, url: str, roots: Sequence[x509.Certificate]) -> None:
        self._url = url
        self._roots = list(roots)

    @property
    def name(self) -> str:
        """Its address."""
        return self._url

    async def stamp(self, body: bytes) -> bytes:
        """A token for `body`, asked for within ten seconds in all and checked. Raises AnchorError."""
        # Without a nonce: an old answer for the same digest would attest an earlier time, which is as good.
        asked = TimestampRequestBuilder().data(body).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=False).build()
        try:
            async with asyncio.timeout(WITHIN_S), httpx2.AsyncClient(follow_redirects=False) as client:
                answer = await client.post(self._url, headers={"Content-Type": _ASKS}, content=asked.as_bytes())
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
            raise AnchorError("unreachable") from error
        if not answer.is_success or len(answer.content) > _MOST:
            raise AnchorError("refused")
        self.check(body, answer.content)
        return bytes(answer.content)

    def check(self, body: bytes, token: bytes) -> int:
        """The time that the token attests for `body`, in milliseconds. Raises AnchorError."""
        try:
            response: TimeStampResponse = decode_timestamp_response(token)
            VerifierBuilder(roots=list(self._roots)).build().verify_message(response, body)
            return round(response.tst_info.gen_time.timestamp() * 1000)
        except (VerificationError, ValueError) as error:
            raise AnchorError("not_fitting") from error


def anchor_of(settings: Settings) -> Authority | None:
    """The authority that the settings name; None for none. Raises SettingsError for certificates that are none."""
    if not settings.timestamp_url:
        return None
    path = settings.home / settings.timestamp_certificate
    try:
        roots = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        en = "must name a PEM file with the certificates of the authority"
        raise SettingsError(
            "bad_setting", "SAOJIE_TIMESTAMP_CERTIFICATE", en, "必须是时间戳机构证书的 PEM 文件"
        ) from error
    return Authority(settings.timestamp_url, roots)
