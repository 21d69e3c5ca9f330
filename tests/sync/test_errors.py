"""Codes are stable, and each says in two languages whose turn it is."""

from __future__ import annotations

import json

import pytest

from sync.errors import ERRORS, Fault, Problem, Refusal, problem
from tests.sync.frozen import FOLDER

EVERY = pytest.mark.parametrize("one", ERRORS.values(), ids=lambda one: one.code)
FROZEN = json.loads((FOLDER / "errors-1.json").read_text("utf-8"))


def test_no_code_is_ever_renamed_or_means_anything_else() -> None:
    """The frozen list may only grow: code, HTTP status, whose fault, whether it repeats."""
    now = {one.code: [one.status, one.fault.value, one.repeats] for one in ERRORS.values()}
    assert {code: now.get(code) for code in FROZEN} == FROZEN


def test_every_code_is_frozen() -> None:
    """Who adds a code adds it to fixtures/protocol/errors-1.json."""
    assert list(ERRORS) == list(FROZEN)


@EVERY
def test_every_error_speaks_both_languages(one: Problem) -> None:
    """A sentence each, and what to do about it."""
    assert one.en.endswith(".")
    assert one.zh.endswith("。")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in one.zh)
    assert one.todo.endswith(".")
    assert one.todo_zh.endswith("。")


@EVERY
def test_every_error_has_a_status_of_its_kind(one: Problem) -> None:
    """From 400 on; what the server is at fault for and may pass is 429 or 5xx."""
    assert 400 <= one.status < 600
    if one.fault is Fault.SERVER and not one.repeats:
        assert one.status in {429, 500, 503, 507}
    assert one.code.replace("_", "").isalpha()
    assert one.code == one.code.lower()


def test_a_refusal_carries_its_code_and_a_sentence() -> None:
    """What was wrong this time stands beside what the code always means."""
    refused = Refusal("bad_value", "grade: D")
    assert (refused.code, refused.detail, str(refused)) == ("bad_value", "grade: D", "bad_value: grade: D")
    assert refused.problem is ERRORS["bad_value"]


def test_nothing_can_be_refused_without_a_code_of_the_table() -> None:
    """A typing mistake in a code is found at once."""
    with pytest.raises(KeyError):
        Refusal("no_such_code")


def test_a_code_from_elsewhere_is_an_internal_error() -> None:
    """A newer server's code still has a row to show."""
    assert problem("no_such_code").code == "internal"
    assert problem("busy").status == 429
