"""Whatever the server can tell somebody of their work has words on the phone, in both languages."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from client_sdk.findings import say_reason, say_state
from client_sdk.pool import say_claim
from server.field.findings import DECIDED
from sync.records import Claim, ClaimState, Reason, Review
from tests.source import ROOT

REVIEWED = {Review.APPROVED.value, Review.QUESTIONED.value, Review.REFUSED.value}
COMPUTED = {
    "server/field/credit/review.py": REVIEWED,
    "server/field/registration/deciding.py": REVIEWED,
    "server/field/merge_findings.py": {"merged", "parted"},
    "server/field/orders.py": {"proposed", "accepted", "refused"},
    "server/field/quarterly/verification.py": {"counted", "not_counted"},
    "server/field/visits/deciding.py": {"accepted", "doubtful"},
    "server/field/visits/judging.py": {"verified", "doubtful"},
}
"""Where a state is worked out rather than written down, and what it can be."""


def tellers() -> Iterator[Path]:
    """The modules that make findings."""
    for path in sorted((ROOT / "server" / "field").rglob("*.py")):
        if re.search(r"from server\.field\.findings import .*\bFound\b", path.read_text("utf-8")):
            yield path


def named(path: Path) -> tuple[set[str], bool]:
    """The states that a module names in its findings, and whether it works some out."""
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found, is_computed = set(), False
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Found"):
            continue
        state = next((one.value for one in call.keywords if one.arg == "state"), None) or call.args[3]
        value = state.value if isinstance(state, ast.Constant) else getattr(module, getattr(state, "id", ""), None)
        found |= {value} if isinstance(value, str) else set()
        is_computed |= not isinstance(value, str)
    return found, is_computed


@pytest.mark.parametrize("path", list(tellers()), ids=lambda path: path.stem)
def test_every_state_that_can_be_told_has_words(path: Path) -> None:
    """Those written down where a finding is made, and those that are worked out there."""
    states, is_computed = named(path)
    name = path.relative_to(ROOT).as_posix()
    assert is_computed is (name in COMPUTED), f"say in COMPUTED which states {name} works out"
    for state in states | COMPUTED.get(name, set()):
        zh, en = say_state(state)
        assert re.search(r"[\u4e00-\u9fff]", zh), state
        assert "_" not in en, state


def test_every_reason_of_doubt_has_words() -> None:
    """As the code that finds them writes them."""
    text = (ROOT / "sync" / "business" / "visits.py").read_text("utf-8")
    codes = set(re.findall(r'Reason\("(\w+)"', text)) | set(re.findall(r'Reason\("\w+" if \w+ else "(\w+)"', text))
    assert codes >= {"far", "datum", "mock", "clock", "speed", "short", "no_position"}
    for code in codes | DECIDED:
        assert re.search(r"[\u4e00-\u9fff]", say_reason(Reason(code, 1, 2))[0]), code


def claims() -> Iterator[Claim]:
    """One of each kind that the server decides on."""
    text = "".join(one.read_text("utf-8") for one in (ROOT / "server" / "field" / "pool").glob("*.py"))
    text += (ROOT / "sync" / "business" / "pool.py").read_text("utf-8")
    words = re.search(r"def may_claim.*?\n\n\n", text, re.DOTALL)
    refused = {*re.findall(r'return "(\w+)"', words.group() if words else "")}
    refused |= {*re.findall(r'ClaimState\.REFUSED, "(\w+)"', text)}
    assert refused >= {"hold", "claims", "cool_down", "not_on_roster", "not_in_pool", "yours"}
    made = UUID(int=7)
    yield from (Claim(made, made, made, ClaimState.REFUSED, one) for one in sorted(refused))
    yield from (Claim(made, made, made, one, "taken" if one is ClaimState.LOST else "") for one in ClaimState)


@pytest.mark.parametrize("claim", list(claims()), ids=lambda one: f"{one.state}-{one.reason}")
def test_what_became_of_a_claim_has_words(claim: Claim) -> None:
    """Asked, won, lost, and each reason of a refusal."""
    zh, en = say_claim(claim)
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert len(en.split()) > 2
