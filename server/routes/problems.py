"""Problem details (RFC 9457): the one form in which a request is refused, from the one table in `sync.errors`.

A fault of ours is `internal`: it is logged by type and place, and neither the log nor the answer holds its message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from sqlalchemy.exc import OperationalError

from server.files import is_full
from server.identity.admission import NotAdmitted
from server.master.faults import CommitUnknown, MayPass, NoRoom, StoreBroken
from server.routes.budget import Busy, jitter_s
from sync.codec import encode
from sync.errors import Fault, Refusal, problem
from sync.signing import Signed

__all__ = [
    "MEDIA_TYPE",
    "UNSIGNED",
    "Details",
    "details_of",
    "headers_of",
    "is_ours",
    "refusal_of",
    "refusals",
]

MEDIA_TYPE = "application/problem+json"

_STORE_AWAY = (OperationalError, ConnectionError)
_FAULTS = (*_STORE_AWAY, MayPass, NoRoom, StoreBroken, CommitUnknown)
_BY_STATUS = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_signed_in",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "media_type",
    429: "busy",
    503: "unavailable",
}
_WAIT_S = {"busy": 2, "unavailable": 5, "server_full": 60, "internal": 15}
UNSIGNED = ("not_signed_in", "bad_signature", "unknown_device")
"""What whoever does not sign rightly hears; the first two bring a challenge."""
_ALWAYS = ("busy", "unavailable", "server_full", "internal")
_HEADERS_KEPT = ("allow", "tus-version")


class Details(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a refusal. `challenge` and `epoch` are hexadecimal: what to sign, and in which history.

    `orders` are wipe orders for this device, each the encoded signed statement in hexadecimal; `keys` beside them are
    the changes of the company's keys, so that an order finds the key there that signed it.
    """

    type: str
    title: str
    status: int
    code: str
    en: str
    zh: str
    todo: str
    fault: Fault
    repeats: bool
    detail: str = ""
    challenge: str = ""
    epoch: str = ""
    orders: tuple[str, ...] = ()
    todo_zh: str = ""
    keys: tuple[str, ...] = ()


def refusals(*codes: str) -> dict[int, ResponseSpec]:
    """What a route refuses, for the OpenAPI: these codes, and those that any route may come to."""
    by_status: dict[int, list[str]] = {}
    for code in (*codes, *_ALWAYS):
        by_status.setdefault(problem(code).status, []).append(code)
    return {
        status: ResponseSpec(Details, description=", ".join(named), media_type=MEDIA_TYPE, generate_examples=False)
        for status, named in by_status.items()
    }


def is_ours(error: Exception) -> bool:
    """Whether an error is a fault on our side, to be logged."""
    return isinstance(error, _FAULTS) or is_full(error) or refusal_of(error).code == "internal"


def refusal_of(error: Exception) -> Refusal:
    """The refusal that an error amounts to; `internal` for whatever nobody foresaw."""
    if isinstance(error, Refusal):
        return error
    if is_full(error):
        return Refusal("server_full")
    if isinstance(error, TimeoutError):
        return Refusal("unavailable", "the answer could not be handed over in time")
    if isinstance(error, _STORE_AWAY):
        return Refusal("unavailable", "the store does not answer")
    if isinstance(error, HTTPException) and error.status_code in _BY_STATUS:
        return Refusal(_BY_STATUS[error.status_code])
    return Refusal("internal")


def details_of(refusal: Refusal, orders: Sequence[Signed] = (), changes: Sequence[Signed] = ()) -> Details:
    """The body of a refusal, with the orders for the device that asked and the changes of the company's keys."""
    row = problem(refusal.code)
    known = refusal if isinstance(refusal, NotAdmitted) else None
    return Details(
        type=f"urn:saojie:problem:{row.code}",
        title=row.en,
        status=row.status,
        code=row.code,
        en=row.en,
        zh=row.zh,
        todo=row.todo,
        fault=row.fault,
        repeats=row.repeats,
        detail=refusal.detail,
        challenge=known.challenge.hex() if known else "",
        epoch=known.epoch.hex() if known else "",
        orders=tuple(encode(one).hex() for one in orders),
        todo_zh=row.todo_zh,
        keys=tuple(encode(one).hex() for one in changes),
    )


def headers_of(error: Exception, refusal: Refusal, random: Callable[[int], bytes]) -> dict[str, str]:
    """The headers of a refusal: when to come back, how to sign, which methods there are."""
    headers: dict[str, str] = {}
    if isinstance(refusal, Busy):
        headers["Retry-After"] = str(refusal.wait_s)
    elif refusal.code in _WAIT_S:
        headers["Retry-After"] = str(_WAIT_S[refusal.code] + jitter_s(random))
    if refusal.problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer, Saojie-Proof"
    if isinstance(error, HTTPException) and error.headers:
        headers |= {name: value for name, value in error.headers.items() if name.lower() in _HEADERS_KEPT}
    return headers
