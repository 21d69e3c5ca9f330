"""A version is asked what it can do."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import pytest

from sync.codec import encode
from sync.errors import Refusal
from sync.frames import FrameError, read_request
from sync.jsonform import request_from_json
from sync.versions import CURRENT, OLDEST, Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@pytest.mark.parametrize("number", range(OLDEST, CURRENT + 1))
def test_every_version_from_the_oldest_on_is_spoken(number: int) -> None:
    """Both ends included."""
    assert Protocol(number).is_spoken()


@pytest.mark.parametrize(
    ("number", "code"),
    [(OLDEST - 1, "protocol_too_old"), (CURRENT + 1, "protocol_too_new"), (10_000, "protocol_too_new")],
)
def test_other_versions_are_not(number: int, code: str) -> None:
    """The code says which side has to be updated, the detail what is spoken; newer ones are not guessed at."""
    assert not Protocol(number).is_spoken()
    with pytest.raises(Refusal) as refused:
        Protocol(number).check()
    assert (refused.value.code, refused.value.problem.status) == (code, 426)
    assert refused.value.detail == f"protocol {number}; spoken here: {OLDEST} to {CURRENT}"


SHAPES: list[Any] = [[CURRENT + 1], [CURRENT + 1, {"another": "form"}, None], [CURRENT + 1, "x", 3, [4], b"5", {}]]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_request_of_another_protocol_is_known_by_its_first_field(shape: list[Any]) -> None:
    """Whatever its other fields are: the server says that it is behind, and not that the request is broken."""
    body = zstd.compress(encode(shape))
    with pytest.raises(Refusal, match="protocol_too_new"):
        read_request(b"R" + len(body).to_bytes(4, "big") + body)
    with pytest.raises(Refusal, match="protocol_too_new"):
        request_from_json(msgspec.json.encode({"protocol": CURRENT + 1, "another": shape[1:]}))


def test_a_broken_request_of_this_protocol_is_broken() -> None:
    """Nobody is told to update anything for it."""
    body = zstd.compress(encode([CURRENT, "x"]))
    with pytest.raises(FrameError):
        read_request(b"R" + len(body).to_bytes(4, "big") + body)
    with pytest.raises(Refusal, match="bad_request"):
        request_from_json(msgspec.json.encode({"protocol": CURRENT, "another": 1}))
