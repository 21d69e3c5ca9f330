"""`POST /sync`: one round trip. Compact by default, JSON for people; answered in the form that was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec
from litestar import post
from litestar.openapi.datastructures import ResponseSpec
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from server.exchange.room import MOST_PAGE
from server.exchange.serve import Reply, closed_reply, serve
from server.identity.admission import Admitted
from server.identity.devices import Device
from server.routes.bodies import content_type, opened, pressed
from server.routes.calls import AnyRequest, Call, answered
from server.routes.gate import Crowded
from server.routes.handing import HandedOver
from server.routes.openapi import SIGNED, SyncBody
from server.routes.problems import UNSIGNED, refusals
from sync import frames, jsonform
from sync.errors import Refusal
from sync.messages import Answer, Standing, SyncRequest
from sync.versions import Protocol

__all__ = ["sync"]

Pressed = tuple[bytes, dict[str, str]]


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of the exchange: how a request is read and an answer is written."""

    media_type: str
    read: Callable[[bytes, Mapping[str, str]], SyncRequest]
    write: Callable[[Reply, Mapping[str, str]], Pressed]


def _read_compact(body: bytes, _headers: Mapping[str, str]) -> SyncRequest:
    try:
        return frames.read_request(body)
    except frames.FrameError as error:
        raise Refusal("bad_frame", str(error)) from error


def _write_compact(reply: Reply, _headers: Mapping[str, str]) -> Pressed:
    return frames.write_answer(reply.head, reply.page, reply.tail, reply.page_frame, reply.tail_frame), {}


def _read_json(body: bytes, headers: Mapping[str, str]) -> SyncRequest:
    request = jsonform.request_from_json(opened(body, headers, frames.MAX_REQUEST))
    # For people: whole records, and a page that is not larger than it may be on the wire, whatever this form comes to.
    return msgspec.structs.replace(request, limit=min(request.limit, MOST_PAGE), brief=False)


def _write_json(reply: Reply, headers: Mapping[str, str]) -> Pressed:
    return pressed(jsonform.answer_to_json(reply.head, reply.page, reply.tail), headers)


_FORMS = {
    one.media_type: one
    for one in (
        _Form(frames.MEDIA_TYPE, _read_compact, _write_compact),
        _Form(jsonform.MEDIA_TYPE, _read_json, _write_json),
    )
}


async def _sync(call: Call) -> ASGIApp:
    body = await call.body()
    syncs = call.context.syncs
    try:
        async with syncs.passed():
            device = await call.admit(body)
            with syncs.shared(str(device.id)):
                return await _exchanged(call, device, body)
    except Crowded:
        # Who has departed hears so even now.
        async with syncs.aside:
            await call.admit(body)
        raise


async def _exchanged(call: Call, device: Device, body: bytes) -> ASGIApp:
    form = _FORMS.get(content_type(call.headers))
    if form is None:
        raise Refusal("media_type", f"spoken here: {', '.join(_FORMS)}")
    request = form.read(body, call.headers)
    Protocol(request.protocol).check()
    reply = await _served(call, device, request)
    for outcome in reply.head.outcomes:
        call.context.meters.outcomes.labels(outcome.code).inc()
    return _handed(call, form, reply)


async def _served(call: Call, device: Device, request: SyncRequest) -> Reply:
    """The reply; the device's own stream does not tell it what it holds."""
    announcer = call.context.announcer
    with announcer.asking(device.id):
        reply = await serve(call.context.exchange, device.id, request)
        if reply.tail.checkpoint:
            announcer.answered(device.id, {name: one.version for name, one in reply.tail.sums.items()})
    return reply


def _handed(call: Call, form: _Form, reply: Reply) -> ASGIApp:
    admitted = call.admitted
    assert admitted is not None  # noqa: S101  # a reply is made for whoever was admitted
    answer = _answer(call, form, _signed_on(call, admitted, reply))
    if not (reply.gives or any(one.lost for one in reply.head.outcomes)):
        return answer

    async def made(*, is_active: bool) -> ASGIResponse:
        if is_active:
            return answer
        closed = await closed_reply(call.context.exchange, admitted.device.id)
        return _answer(call, form, _signed_on(call, admitted, closed))

    return HandedOver(call, admitted.device.id, made)


def _signed_on(call: Call, admitted: Admitted, reply: Reply) -> Reply:
    """The reply with a challenge for the next request, and with a token where the device needs a new one."""
    desk, now, device = call.context.desk, call.context.sources.now(), admitted.device.id
    company = admitted.identity.company
    needs_token = admitted.needs_token and reply.head.standing is Standing.ACTIVE
    token = desk.token(company, device, now) if needs_token else None
    challenge = desk.challenge(company, reply.head.epoch, device, now)
    return replace(reply, head=msgspec.structs.replace(reply.head, token=token, challenge=challenge))


def _answer(call: Call, form: _Form, reply: Reply) -> ASGIResponse:
    body, headers = form.write(reply, call.headers)
    return ASGIResponse(status_code=200, body=body, media_type=form.media_type, headers=headers)


@post(
    "/sync",
    status_code=200,
    summary="One exchange",
    operation_class=SyncBody,
    security=SIGNED,
    description="Operations in, entries out. The body is a SyncRequest, compact or JSON; see PROTOCOL.md.",
    responses={
        200: ResponseSpec(Answer, description="Head, page and tail", media_type="application/json"),
        **refusals(
            "bad_request", "bad_frame", *UNSIGNED, "too_large", "media_type", "protocol_too_old", "protocol_too_new"
        ),
    },
)
async def sync(request: AnyRequest) -> ASGIApp:
    """One round trip of the exchange."""
    return await answered(request, _sync)
