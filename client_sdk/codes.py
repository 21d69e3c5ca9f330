"""Codes of outlets that are kept for this person: given without a network, each once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from client_sdk.drafts import OWN, Drafts
from client_sdk.errors import NotFound
from client_sdk.local.index import normal
from client_sdk.writing import Desk
from sync.business.codes import codes_of, unused
from sync.records import CodeBlock

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
        blocks = self._desk.all(CodeBlock)
        return sum(1 for _ in unused(blocks, self._used(blocks).union(self._given())))

    def take(self) -> str | None:
        """The next code, for `outlets.register(code=…)`; None where none is left. One that was taken is not given
        again, whatever becomes of the form that it was for. Raises StorageFull.
        """
        blocks = self._desk.all(CodeBlock)
        used = self._used(blocks)
        found: list[str] = []

        def give(values: dict[str, Any]) -> dict[str, Any]:
            given = values.get("codes", [])
            found.extend([code] if (code := next(unused(blocks, used.union(given)), None)) else [])
            return {"codes": [*given, *found][-_MOST:]}

        self._drafts.change(_TAKEN, give)
        return found[0] if found else None

    def _used(self, blocks: Iterable[CodeBlock]) -> set[str]:
        """The codes of these blocks that an outlet has, also one that was merged."""
        with self._desk.serving() as replica:
            self._desk.look(replica)
            held = set().union(*(replica.index.codes(prefix) for prefix in {one.prefix for one in blocks}))
        return {code for one in blocks for code in codes_of(one) if normal(code) in held}

    def _given(self) -> list[str]:
        try:
            codes: list[str] = self._drafts.load(_TAKEN).values["codes"]
        except NotFound:
            return []
        return codes
