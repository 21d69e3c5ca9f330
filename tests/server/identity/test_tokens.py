"""Tokens: which device asks, for ten minutes, and nothing else."""

from __future__ import annotations

import base64
import json
from uuid import UUID

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.identity.tokens import LIFETIME, issue_token, read_token

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
COMPANY, OTHER_COMPANY = UUID(int=1), UUID(int=2)
DEVICE = UUID(int=3)
NOW = 1_800_000_000_000


def part(value: object) -> str:
    """One part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def kid() -> str:
    """The name of the key in a genuine token."""
    return str(jwt.get_unverified_header(issue_token(KEY, COMPANY, DEVICE, NOW))["kid"])


def test_a_token_says_which_device_and_until_when() -> None:
    """Ten minutes from its issue, by the server's clock."""
    claim = read_token(KEY, COMPANY, issue_token(KEY, COMPANY, DEVICE, NOW))
    assert claim is not None
    assert (claim.device, claim.ends_at) == (DEVICE, NOW + LIFETIME)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        issue_token(OTHER_KEY, COMPANY, DEVICE, NOW),
        issue_token(KEY, OTHER_COMPANY, DEVICE, NOW),
        issue_token(KEY, COMPANY, DEVICE, NOW)[:-2] + "AA",
        jwt.encode({"sub": str(DEVICE), "aud": str(COMPANY), "exp": 9_999_999_999}, KEY, "HS256"),
        jwt.encode({"sub": str(DEVICE), "aud": str(COMPANY), "exp": 9_999_999_999}, KEY, "HS256", {"kid": "other"}),
    ],
)
def test_a_token_that_is_not_ours_says_nothing(token: str) -> None:
    """Another key, another company, a broken seal, no key's name or another's."""
    assert read_token(KEY, COMPANY, token) is None


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "RS256", "ES256"])
def test_the_algorithm_is_ours_to_choose(algorithm: str) -> None:
    """A header that names no algorithm or another one is never obeyed."""
    claims = {"sub": str(DEVICE), "aud": str(COMPANY), "exp": 9_999_999_999}
    header = {"alg": algorithm, "typ": "JWT", "kid": kid()}
    for seal in ("", "AAAA"):
        assert read_token(KEY, COMPANY, f"{part(header)}.{part(claims)}.{seal}") is None


@pytest.mark.parametrize("changed", [{"sub": "nobody"}, {"sub": None}, {"exp": "soon"}, {"exp": 1.5}, {"aud": None}])
def test_claims_of_another_shape_say_nothing(changed: dict[str, object]) -> None:
    """Even under our own key: a token is read strictly."""
    claims = {"sub": str(DEVICE), "aud": str(COMPANY), "exp": 9_999_999_999} | changed
    claims = {name: value for name, value in claims.items() if value is not None}
    token = jwt.encode(claims, KEY, "HS256", {"kid": kid()})
    assert read_token(KEY, COMPANY, token) is None


@given(st.text(max_size=200))
def test_no_text_makes_reading_fail(text: str) -> None:
    """Whatever stands in the header, the answer is that it says nothing."""
    assert read_token(KEY, COMPANY, text) is None
