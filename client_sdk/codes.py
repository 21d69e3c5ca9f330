"""Codes of outlets that are kept for this person: given without a network, each once."""

from __future__ import annotations

from client_sdk.drafts import Drafts
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
        self._drafts = Drafts(desk.device)

    def left(self) -> int:
        """How many codes are left on this phone; the company keeps more when few are."""
        return sum(1 for _ in unused(self._desk.all(CodeBlock), self._taken()))

    def take(self) -> str | None:
        """The next code, for `outlets.register(code=…)`; None where none is left. One that was taken is not given
        again, whatever becomes of the form that it was for. Raises StorageFull.
        """
        taken = self._taken()
        code = next(unused(self._desk.all(CodeBlock), taken), None)
        if code is not None:
            self._drafts.save(_TAKEN, {"codes": [*self._given(), code][-_MOST:]})
        return code

    def _taken(self) -> set[str]:
        return {one.code for one in self._desk.all(Outlet) if one.code} | set(self._given())

    def _given(self) -> list[str]:
        try:
            codes: list[str] = self._drafts.load(_TAKEN).values["codes"]
        except NotFound:
            return []
        return codes
