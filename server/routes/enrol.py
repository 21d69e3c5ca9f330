"""`POST /enrol`: a device becomes a person's with a code. What it hears is enough to pin the company's keys."""

from __future__ import annotations

import msgspec
from litestar import post
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp

from server.field.registration.codes import deal_codes
from server.identity import staff
from server.identity.devices import Device
from server.identity.enrolment import redeem
from server.routes.bodies import content_type
from server.routes.calls import AnyRequest, Call, answered, plain
from server.routes.openapi import EnrolBody
from server.routes.problems import refusals
from sync.codec import DecodeError, encode, from_json
from sync.enrolment import Enrolled, EnrolRequest
from sync.errors import Refusal
from sync.messages import Standing

__all__ = ["enrol"]

_MOST_BYTES = 64 << 10
"""A chain of certificates in hexadecimal, and some."""


async def _enrol(call: Call) -> ASGIApp:
    call.context.strangers.spend(call.address)
    if content_type(call.headers) != "application/json":
        raise Refusal("media_type", "spoken here: application/json")
    body = await call.body()
    if len(body) > _MOST_BYTES:
        raise Refusal("too_large", f"more than {_MOST_BYTES} bytes")
    try:
        request = from_json(body, EnrolRequest)
    except DecodeError as error:
        raise Refusal("bad_request", str(error)) from error
    device = await redeem(call.context.store, request, call.context.sources, call.context.roots)
    await deal_codes(call.context.store, call.context.exchange.rules, device.staff)
    return plain(call.request, 200, msgspec.json.encode(await _enrolled(call, device)))


async def _enrolled(call: Call, device: Device) -> Enrolled:
    context, now = call.context, call.context.sources.now()
    async with context.store.read() as tx:
        identity = await context.keys.in_step(tx)
        person = await staff.find(tx, device.staff)
    return Enrolled(
        company=identity.company,
        company_name=identity.company_name,
        device=device.id,
        staff=device.staff,
        staff_name=person.name if person is not None else "",
        epoch=identity.epoch.hex(),
        signing_keys=tuple(one.hex() for one in context.keys.pins.believed),
        opening_key=context.keys.opening_public.hex(),
        enrolment=device.enrolment.hex,
        confirm=device.standing is Standing.AWAITING,
        challenge=context.desk.challenge(identity.company, identity.epoch, device.id, now).hex(),
        server_time=now,
        first_keys=(context.keys.first.signing.hex(), context.keys.first.opening.hex()),
        key_changes=tuple(encode(one).hex() for one in context.keys.changes),
    )


@post(
    "/enrol",
    status_code=200,
    summary="Enrol a device with a code",
    operation_class=EnrolBody,
    description="The body is an EnrolRequest: the code, the device's public key, and the code signed by it.",
    responses={
        200: ResponseSpec(Enrolled, description="Who the device is now, and the keys to pin"),
        **refusals("bad_request", "bad_signature", "code_wrong", "code_used", "departed", "too_large", "media_type"),
    },
)
async def enrol(request: AnyRequest) -> ASGIApp:
    """Enrol a device with a code."""
    return await answered(request, _enrol)
