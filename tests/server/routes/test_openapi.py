"""The OpenAPI is kept: what schemathesis makes of it, right and wrong, is answered as it says by a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from sync import frames
from tests.server.routes.house import found
from tests.server.routes.test_processes import deployment, serving

EXAMPLES = 12
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
PLENTY = {"BUDGET_BURST": "100000", "ENROLMENTS_PER_MINUTE": "1000000", "UNSIGNED_PER_MINUTE": "1000000"}
DEVICE, OPERATOR, STRANGER = "a device", "whoever watches", "a stranger"
BINARY = ("application/offset+octet-stream", frames.MEDIA_TYPE)
STREAMS = "/live"
"""To a device it does not end; a stranger is refused there like anywhere."""


@schemathesis.serializer(*BINARY)
def as_bytes(_context: Any, value: Any) -> bytes:
    """A body of ours is bytes; what is none goes out as its text."""
    binary = getattr(value, "data", value)
    return binary if isinstance(binary, bytes) else str(binary).encode()


Asked = tuple[OpenApiSchema, dict[str, dict[str, str]], Path]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """What a running server says of itself, and the headers with which each kind of asker comes."""
    folder = tmp_path_factory.mktemp("openapi")
    home = found(folder / "home")
    device = asyncio.run(deployment(home))
    (home.home / "settings.toml").write_text(
        "".join(f"{name.lower()} = {value}\n" for name, value in PLENTY.items()), "utf-8"
    )
    with serving("uvicorn", home.home, folder / "log") as (_, address):
        told = httpx.get(f"{address}/schema/openapi.json", trust_env=False).json()
        schema = schemathesis.openapi.from_dict(told)
        schema.config.update(base_url=address)
        token = (home.keys / "operations.key").read_text("ascii").strip()
        headers = {DEVICE: device, OPERATOR: {"Authorization": f"Bearer {token}"}, STRANGER: {}}
        yield schema, headers, folder / "log"


def failures(log: Path) -> list[str]:
    """Lines of the log that tell a fault of ours."""
    lines = [line for line in log.read_text("utf-8").splitlines() if line.startswith("{")]
    return [line for line in lines if json.loads(line)["level"] == "error"]


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda one: one.value)
@pytest.mark.parametrize("who", [DEVICE, OPERATOR, STRANGER])
def test_every_route_answers_as_it_says(asked: Asked, who: str, mode: GenerationMode) -> None:
    """Documented statuses, types and bodies alone, and never a fault of ours, whoever asks and whatever they send."""
    schema, headers, log = asked
    tried = set()
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]  # a part that cannot be read raises here
        if operation.path == STREAMS and who is DEVICE:
            continue
        tried.add(operation.path)

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            sent = {name: value for name, value in headers[who].items() if name not in (case.headers or {})}
            case.call_and_validate(headers=sent, checks=CHECKS, timeout=30)

        # Some routes take nothing that could be wrong.
        with suppress(Unsatisfiable):
            ask()
    assert len(tried) > 8
    assert failures(log) == []
