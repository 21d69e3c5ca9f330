"""Codes of outlets that are kept for this person: given without a network, each once."""

from __future__ import annotations

from typing import Any

from client_sdk.drafts import OWN, Drafts
from client_sdk.errors import NotFound
from client_sdk.writing import Desk
from sync.business.codes import unused
from sync.records import CodeBlock, Outlet

__all__ = ["Codes"]

_TAKEN = "codes-taken"
_MOST = 2000


class Codes:
    """`replica.codes`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drafts = Drafts(desk.device, OWN)

    def left(self) -> int:
        """How many codes are left on this phone; the company keeps more when few are."""
        return sum(1 for _ in unused(self._desk.all(CodeBlock), self._used().union(self._given())))

    def take(self) -> str | None:
        """The next code, for `outlets.register(code=…)`; None where none is left. One that was taken is not given
        again, whatever becomes of the form that it was for. Raises StorageFull.
        """
        blocks, used = self._desk.all(CodeBlock), self._used()
        found: list[str] = []

        def give(values: dict[str, Any]) -> dict[str, Any]:
            given = values.get("codes", [])
            found.extend([code] if (code := next(unused(blocks, used.union(given)), None)) else [])
            return {"codes": [*given, *found][-_MOST:]}

        self._drafts.change(_TAKEN, give)
        return found[0] if found else None

    def _used(self) -> set[str]:
        return {one.code for one in self._desk.all(Outlet) if one.code}

    def _given(self) -> list[str]:
        try:
            codes: list[str] = self._drafts.load(_TAKEN).values["codes"]
        except NotFound:
            return []
        return codes
