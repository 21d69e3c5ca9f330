"""How a click in the settings is written: in one transaction, in the name of who clicked, told to the phones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from server.console.settings.changing import Hand
from server.master.store import Tx
from server.routes.console.door import View
from server.values import Unfit

__all__ = ["revision_seen", "written"]


async def written(view: View, work: Callable[[Hand], Awaitable[frozenset[str]]]) -> bool:
    """Let `work` write, and tell the phones of the scopes that it says; whether anything was otherwise."""

    async def write(tx: Tx) -> frozenset[str]:
        return await work(Hand(tx, view.sources, view.viewer.person.id))

    changed = await view.store.transact(write)
    view.announce(changed)
    return bool(changed)


def revision_seen(view: View) -> int:
    """The revision that the form showed. Raises Unfit for a form without one."""
    seen = view.form.text("seen")
    if not seen.isascii() or not seen.isdigit():
        raise Unfit("open the page again: the form does not say what it showed", "请重新打开页面：表单内容不完整")
    return int(seen)
