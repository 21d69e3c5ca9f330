"""Which protocol this process speaks with the server: the newest that both of them know.

A phone may be ahead of its company's server. It begins with the newest protocol that it knows and goes back one for
each refusal, as far as `OLDEST`; after the next start it tries the newest again: the server may have been updated.
"""

from __future__ import annotations

import msgspec

from client_sdk.exchange.request import Asked
from client_sdk.ports import Request
from sync.frames import MEDIA_TYPE, write_request
from sync.versions import CURRENT, OLDEST

__all__ = ["Speech"]


class Speech:
    """Writes requests in the protocol that the server was last heard to speak."""

    def __init__(self) -> None:
        self.protocol = CURRENT

    def posted(self, asked: Asked) -> Request:
        """The request as it is sent."""
        said = msgspec.structs.replace(asked.request, protocol=self.protocol)
        return Request("POST", "/sync", {"Content-Type": MEDIA_TYPE}, write_request(said))

    def steps_back(self, code: str) -> bool:
        """Whether a refusal with this code is answered by asking again, in the protocol before."""
        goes = code == "protocol_too_new" and self.protocol > OLDEST
        self.protocol -= goes
        return goes
