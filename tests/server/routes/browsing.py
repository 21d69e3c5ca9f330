"""A browser without a screen: it keeps cookies, sends each form with its token, and follows where an answer leads."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

import httpx
from litestar import Litestar

from server.identity.staff import Person

__all__ = ["ORIGIN", "Browser", "text_of"]

ORIGIN = "http://test"
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def text_of(page: str) -> str:
    """What a page says: its text without tags, spaces run together."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


class Browser:
    """One browser of one person. `language` is what it speaks; `page` is the last answer, redirects followed."""

    def __init__(self, app: Litestar, language: str = "zh") -> None:
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        headers = {"Accept-Language": language, "Origin": ORIGIN}
        self.client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
        self.page: httpx.Response | None = None
        self.token = ""
        self.person: Person | None = None

    async def get(self, path: str, **query: str) -> httpx.Response:
        """Open a page."""
        return await self._came(await self.client.get(path, params=query or None))

    async def post(self, path: str, fields: Mapping[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Send a form with the token of the session; then open where it leads."""
        data = {"csrf": self.token} | dict(fields or {})
        return await self._came(await self.client.post(path, data=data, **more))

    async def _came(self, answer: httpx.Response) -> httpx.Response:
        for _ in range(5):
            if answer.status_code != 303:
                break
            answer = await self.client.get(answer.headers["location"])
        if found := _TOKEN.search(answer.text):
            self.token = found[1]
        self.page = answer
        return answer

    @property
    def says(self) -> str:
        """The text of the last page."""
        assert self.page is not None
        return text_of(self.page.text)
