"""The commands of the dealer's business as a manager types them: in words, as JSON, in an empty company, wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from server.cli.root import PARTS
from tests.server.cli.conftest import Command

BOSS, REP = "刘经理", "周海波"
NO_ID = "01a3185c-5000-7000-8000-000000000000"
LIST = "编码,店名,片区,等级,合作状态,联系电话,联系人\nK1,老张烟酒,城东片区,A,已采购,15400000001,张三\n"


@pytest.fixture
def firm(command: Command, tmp_path: Path) -> Command:
    """One territory, one rep, one key outlet that buys, and a dealer."""
    command.json("territory", "add", "城东片区")
    command.json("staff", "add", REP, "--territory", "城东片区")
    path = tmp_path / "outlets.csv"
    path.write_text(LIST, encoding="utf-8-sig")
    command.json("import", path)
    command.json("staff", "add", "沈国强", "--role", "dealer")
    return command


REPORTS: tuple[tuple[str, ...], ...] = (
    ("appraisal", "show", "2026-10"),
    ("appraisal", "phases"),
    ("callbacks",),
    ("care", "ahead"),
    ("care", "gifts"),
    ("dependence",),
    ("holidays", "2026"),
    ("incidents", "list"),
    ("practices", "list"),
    ("purchases",),
    ("reports",),
    ("signs", "list"),
    ("staff-care", "list"),
    ("verify", "status"),
)
"""What only reads, or takes in what is public."""


@pytest.mark.parametrize("asked", REPORTS, ids=" ".join)
def test_a_report_of_a_company_without_work_is_empty_and_no_error(command: Command, asked: tuple[str, ...]) -> None:
    """In words of both languages, and as one object."""
    for language in ("zh", "en"):
        command.env["SAOJIE_LANGUAGE"] = language
        ran = command(*asked)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.strip()
    assert command.json(*asked)


WRONG: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (("appraisal", "show", "October"), 1, "2026-10"),
    (("appraisal", "close", "2099-01", "--by", BOSS), 1, "not over"),
    (("appraisal", "phase", "城东片区", "keep", "--reason", "x", "--by", BOSS), 1, "dealer"),
    (("appraisal", "phase", "城外", "keep", "--reason", "x", "--by", "沈国强"), 1, "城外"),
    (("callbacks", "--quarter", "2026"), 1, "2026Q4"),
    (("dependence", "--staff", "无此人"), 1, "无此人"),
    (("holidays", "2099"), 1, "2099"),
    (("incidents", "show", "x"), 1, "id"),
    (("incidents", "decide", NO_ID, "--as", "breach", "--reason", "x", "--by", BOSS), 1, NO_ID),
    (("personal", "report", "15499999999", "--by", BOSS), 1, "15499999999"),
    (("personal", "delete", "15499999999", "--reason", "x", "--by", BOSS, "--yes"), 1, "15499999999"),
    (("practices", "approve", "x", "--by", BOSS), 1, "id"),
    (("reports", "--day", "gestern"), 1, "2026-"),
    (("signs", "shorten", "无此人", "--by", BOSS), 1, "无此人"),
    (("staff-care", "add", REP, "birthday", "--on", "5-32", "--consent", "--by", BOSS), 1, "05-03"),
    (("staff-care", "add", REP, "difficulty", "--text", "x", "--by", BOSS), 1, "consent"),
    (("verify", "record", "K9", "--by", BOSS, "--means", "phone"), 1, "K9"),
    (("verify", "record", "K1", "--by", BOSS, "--means", "pigeon"), 2, "phone"),
    (("verify", "show", "x"), 1, "id"),
)
"""What is asked, how it exits, and a word of what it says."""


@pytest.mark.parametrize(("asked", "code", "word"), WRONG, ids=[" ".join(one[0][:3]) for one in WRONG])
def test_what_is_typed_wrongly_is_said_and_changes_nothing(
    firm: Command, asked: tuple[str, ...], code: int, word: str
) -> None:
    """The sentence names what is meant, or how it is written."""
    before = firm.journal()
    ran = firm(*asked)
    assert (ran.code, word in ran.err) == (code, True), ran.err
    assert firm.journal() == before


def _parameters(command: click.Command, name: str) -> Iterator[tuple[str, click.Parameter]]:
    yield from ((f"{name} {one.name}", one) for one in command.params)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from _parameters(found, f"{name} {each}")


def test_what_may_be_chosen_is_typed_as_the_archive_has_it() -> None:
    """Members of an enumeration would be offered by their names in code."""
    found = [one for part, (imported, _) in PARTS.items() for one in _parameters(imported(), part)]
    chosen = [(name, one.type) for name, one in found if isinstance(one.type, click.Choice)]
    assert len(chosen) > 20
    assert [name for name, kind in chosen if any(type(each) is not str for each in kind.choices)] == []


def test_a_quarter_is_verified_by_somebody_who_is_not_the_rep(firm: Command) -> None:
    """The rep's own word is recorded and does not count."""
    assert not firm.json("verify", "record", "K1", "--by", REP, "--means", "visit")["counts"]
    assert [len(one["missing"]) for one in firm.json("verify", "status")["territories"]] == [1]
    assert firm.json("verify", "record", "K1", "--by", BOSS, "--means", "phone", "--answer", "都对")["counts"]
    (found,) = firm.json("verify", "status")["territories"]
    assert (found["wanted"], found["missing"]) == (1, [])


def test_care_for_staff_is_kept_with_consent_and_goes_when_asked(firm: Command) -> None:
    """A lunar birthday too."""
    firm.json("staff-care", "add", REP, "birthday", "--on", "lunar:05-03", "--consent", "--by", BOSS)
    assert len(firm.json("staff-care", "list", REP)["noted"]) == 1
    assert firm.json("staff-care", "forget", REP, "--by", BOSS)["removed"] == 1
    assert firm.json("staff-care", "list", REP)["noted"] == []


def test_a_month_is_closed_once_and_comes_out_of_the_journal_again(firm: Command) -> None:
    """And the phase is the dealer's to switch."""
    assert firm.json("appraisal", "phase", "城东片区", "keep", "--reason", "已建档", "--by", "沈国强")["switched"]
    firm.json("appraisal", "target", REP, "2026-10", "100000")
    closed = firm.json("appraisal", "close", "2026-10", "--by", BOSS)
    assert closed["lines"] == firm.json("appraisal", "show", "2026-10")["lines"]
    found = firm.json("appraisal", "verify", "2026-10")
    assert (found["same"], found["missing"], found["extra"]) == (True, [], [])


def test_a_person_is_reported_on_and_taken_out_by_one_order(firm: Command, tmp_path: Path) -> None:
    """The report is a page or a file; after the order nothing is found."""
    path = tmp_path / "report.json"
    firm.json("personal", "report", "15400000001", "--to", path, "--by", BOSS)
    assert "15400000001" in path.read_text("utf-8")
    firm.json("personal", "delete", "15400000001", "--reason", "本人要求", "--by", BOSS, "--yes")
    assert firm("personal", "report", "15400000001", "--by", BOSS).code == 1
