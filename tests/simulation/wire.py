"""What may be on the wire, whatever the phone makes of it afterwards: looked at where requests and answers pass."""

from __future__ import annotations

from uuid import UUID

from client_sdk.ports import Reply, Request
from sync.codec import DecodeError
from sync.frames import FrameError, read_answer, read_request
from sync.messages import Answer

__all__ = ["Wire"]


class Wire:
    """The phones' way to the server, watched. `gone` are the people who have left by now.

    `may_differ`: storage changed a row, or a restored database took another course in the same versions before anybody
    noticed, so that a repair is what should follow. `wrong` is what should not have been.
    """

    def __init__(self, gone: set[UUID]) -> None:
        self._gone = gone
        self.may_differ = False
        self.wrong: list[str] = []

    def asked(self, name: str, request: Request) -> None:
        """A phone asks: it never has to ask what differs from the master while storage does what it should."""
        if request.path != "/sync" or self.may_differ:
            return
        sums = read_request(request.body).sums
        self.wrong += [f"{name} differs from the master in {scope} and asks in what" for scope in sums if sums[scope]]

    def answered(self, name: str, staff: UUID, request: Request, reply: Reply) -> None:
        """The server has answered: whoever has left by then is given nothing."""
        if request.path == "/sync" and reply.status == 200 and staff in self._gone:
            answer = _read(reply)
            if answer is not None and _gives(answer):
                self.wrong.append(f"{name} of somebody who left is given records")


def _read(reply: Reply) -> Answer | None:
    try:
        return read_answer(reply.body)
    except (FrameError, DecodeError):
        return None


def _gives(answer: Answer) -> bool:
    page, head = answer.page, answer.head
    records = page is not None and (page.scopes or page.indexes or page.mended)
    return bool(records or head.lease or any(one.lost for one in head.outcomes))
