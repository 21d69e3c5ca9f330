"""Ways out of the house, by which a manager who looks at no page hears of something: mail, and a webhook.

Each sends one message or says why it could not; nothing here remembers or repeats. A message may come twice: its id
says that it is the same. It holds names of staff and never anything of a customer.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import httpx2
import msgspec

from server.settings import Settings

__all__ = ["Channel", "Message", "NotSent", "channels_of"]

WITHIN_S = 15.0
"""So long one message may take in all."""


class NotSent(Exception):
    """Raised when a message did not get out; says why, in a short line."""


class Message(msgspec.Struct, frozen=True):
    """One message about a matter in the inbox. `times` counts how often the matter was brought up, `at` is server
    milliseconds.
    """

    id: UUID
    kind: str
    about: UUID
    staff: UUID | None
    at: int
    times: int
    en: str
    zh: str


class Channel(Protocol):
    """A way out."""

    async def send(self, message: Message) -> None:
        """Send a message, within a bounded time. Raises NotSent."""


def channels_of(settings: Settings) -> dict[str, Channel]:
    """The ways out that the settings name, by name: `mail`, `webhook`."""
    found: dict[str, Channel] = {}
    if settings.smtp_url and settings.mail_to:
        found["mail"] = Mail(settings.smtp_url, settings.mail_from, settings.mail_to)
    if settings.webhook_url:
        found["webhook"] = Webhook(settings.webhook_url, settings.webhook_secret)
    return found


class Mail:
    """Mail by SMTP: `smtp://` turns to TLS where the server offers it, and has to where there is a password;
    `smtps://` speaks TLS from the start.
    """

    def __init__(self, url: str, sender: str, to: tuple[str, ...]) -> None:
        self._url = urlsplit(url)
        self._sender = sender or f"saojie@{self._url.hostname}"
        self._to = to

    async def send(self, message: Message) -> None:
        """Send a message to everybody in one mail. Raises NotSent."""
        try:
            async with asyncio.timeout(WITHIN_S):
                await asyncio.to_thread(self._send, message)
        except (smtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            raise NotSent(type(error).__name__) from error

    def _send(self, message: Message) -> None:
        with self._connected() as server:
            refused = server.send_message(self._mail(message), self._sender, self._to)
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        host, port = self._url.hostname or "", self._url.port or 0
        context = ssl.create_default_context()
        made = (
            smtplib.SMTP_SSL(host, port, timeout=WITHIN_S, context=context)
            if self._url.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=WITHIN_S)
        )
        with made as server:
            server.ehlo()
            needs_tls = self._url.scheme == "smtp" and bool(self._url.password)
            if self._url.scheme == "smtp" and (needs_tls or server.has_extn("starttls")):
                server.starttls(context=context)
                server.ehlo()
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            yield server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = f"扫街 Saojie: {' '.join(message.zh.split())[:60]}"
        mail["From"], mail["To"] = self._sender, ", ".join(self._to)
        mail["Date"] = formatdate(message.at / 1000)
        mail["Message-ID"] = f"<{message.id}@saojie>"
        times = f"第 {message.times} 次提醒 · reminder {message.times}"
        mail.set_content(f"{message.zh}\n\n{message.en}\n\n{times}\nsaojie inbox list\n")
        return mail


class Webhook:
    """A JSON object by POST, signed as Standard Webhooks are: HMAC-SHA256 over id, time and body."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret

    async def send(self, message: Message) -> None:
        """Send a message. Raises NotSent."""
        body = msgspec.json.encode({"type": message.kind, "timestamp": message.at, "data": message})
        try:
            async with asyncio.timeout(WITHIN_S), httpx2.AsyncClient(follow_redirects=False) as client:
                answer = await client.post(self._url, content=body, headers=self._headers(message, body))
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
            raise NotSent(type(error).__name__) from error
        if not answer.is_success:
            raise NotSent(f"status {answer.status_code}")

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        name, at = str(message.id), str(message.at // 1000)
        headers = {"Content-Type": "application/json", "webhook-id": name, "webhook-timestamp": at}
        if self._secret:
            signed = hmac.new(self._secret.encode(), f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
            headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
        return headers
