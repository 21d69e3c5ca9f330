"""Leaving by the command: plans, channels, notices, and what is asked of people until the formalities close."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.cli.channels import CHANNEL_KINDS
from server.cli.formalities import POINTS
from server.identity.channels import ChannelKind
from tests.server.cli.conftest import Command

OUTLETS = "店名,片区,编码,等级\n老张烟酒,城东,E1,A\n福顺超市,城东,E2,C\n万家便利,城西,W1,B\n"


@pytest.fixture
def company(command: Command, tmp_path: Path) -> Command:
    """Wang works in two territories with three outlets, Li in a third."""
    for name in ("城东", "城西"):
        command.json("territory", "add", name, "--pool", "公海")
    command.json("territory", "add", "城南")
    command.json("staff", "add", "王芳", "--territory", "城东", "--territory", "城西")
    command.json("staff", "add", "李强", "--territory", "城南")
    path = tmp_path / "list.csv"
    path.write_text(OUTLETS, "utf-8")
    assert command.json("import", path)["imported"] == 3
    return command


def places(command: Command, folder: Path) -> dict[str, str]:
    """Where each outlet stands, by its name."""
    path = folder / "all.csv"
    command.json("export", path)
    lines = [line.split(",") for line in path.read_text("utf-8-sig").splitlines()]
    name, place = lines[0].index("店名"), lines[0].index("片区")
    return {line[name]: line[place] for line in lines[1:]}


def test_the_kinds_on_offer_are_the_kinds() -> None:
    """The command and the register know the same kinds."""
    assert set(CHANNEL_KINDS) == {one.value for one in ChannelKind}


def test_a_number_is_the_companys_and_passes_from_hand_to_hand(company: Command) -> None:
    """Issued, passed on, taken back; each holding stays on record, and a number is in the register once."""
    company.json("channels", "add", "phone", "13800000001", "--to", "王芳")
    assert company("channels", "add", "phone", "13800000001", "--json").result["error"] == "record_exists"
    assert company.json("channels", "pass", "13800000001", "--to", "李强")["passed"] is True
    assert company.json("channels", "pass", "13800000001", "--to", "李强")["passed"] is False
    company.json("channels", "pass", "13800000001")
    assert company.json("channels", "list", "--staff", "李强")["channels"] == []
    assert len(company.json("channels", "list", "--all")["channels"]) == 3
    assert company.journal().count("channel_passed") == 2
    assert company("channels", "pass", "110", "--json").result["error"] == "channel_unknown"


def test_a_plan_is_typed(company: Command, tmp_path: Path) -> None:
    """One outlet to a colleague, one territory to the pool."""
    company.json(
        "offboard", "王芳", "--to", "李强", "--outlet", "E1=李强", "--territory", "城东=pool", "--yes"
    )  # fmt: skip
    assert places(company, tmp_path) == {"老张烟酒": "城南", "福顺超市": "公海", "万家便利": "城西"}


def test_a_plan_is_a_file(company: Command, tmp_path: Path) -> None:
    """Columns in either language, names as people write them."""
    path = tmp_path / "plan.csv"
    path.write_text("片区,终端,去向\n城东,,城南\n,万家便利,公海\n", "utf-8-sig")
    company.json("offboard", "王芳", "--plan", path, "--yes")
    assert places(company, tmp_path) == {"老张烟酒": "城南", "福顺超市": "城南", "万家便利": "公海"}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--territory", "城东"], "plan_unreadable"),
        (["--territory", "城北=李强"], "not_found"),
        (["--outlet", "E9=李强"], "not_found"),
        (["--outlet", "E1=谁"], "not_found"),
        (["--territory", "城南=pool"], "bad_value"),
        (["--to", "王芳"], "bad_value"),
    ],
)
def test_a_plan_that_cannot_be_stops_the_departure(company: Command, options: list[str], code: str) -> None:
    """It is named while somebody is there to mend it, and nobody is cut off."""
    assert company("offboard", "王芳", *options, "--yes", "--json").result["error"] == code
    assert {one["status"] for one in company.json("staff", "list")["staff"]} == {"active"}


def test_somebody_is_under_notice_until_everything_is_seen_to(company: Command) -> None:
    """Given, shown, customers informed, items ticked off, withdrawn; exports by and for them are refused meanwhile."""
    company.json("channels", "add", "phone", "13800000009", "--to", "李强")
    given = company.json("notice", "give", "王芳", "--last", "2099-12-31 18:00", "--to", "李强", "--reason", "resigned")
    assert (given["notice"]["last_at"], given["customers"]) == (4_102_394_400_000, 3)
    assert [one["status"] for one in company.json("staff", "list")["staff"] if one["name"] == "王芳"] == ["leaving"]
    shown = company.json("notice", "show", "王芳")
    assert [one["name"] for one in shown["waiting"]] == ["老张烟酒", "万家便利", "福顺超市"]
    for who in ("--by", "--for"):
        refused = company("export", company.home / "out.csv", who, "王芳", "--json")
        assert refused.result["error"] == "export_refused"
    assert not (company.home / "out.csv").exists()
    assert company.journal().count("export_refused") == 2
    word = ("--by", "李强", "--channel", "13800000009")
    assert len(company.json("notice", "inform", "王芳", "E1", "万家便利", *word)["waiting"]) == 1
    assert company("notice", "inform", "王芳", "E2", "--by", "王芳", "--channel", "1", "--json").code == 1
    ticked = company.json("notice", "checklist", "王芳", "--tick", "interview", "--code", "pay", "--by", "刘经理")
    assert [one["point"] for one in ticked["items"] if one["done_at"]] == ["interview"]
    assert "老张烟酒" not in company("notice", "show", "王芳").out
    assert "2/3" in company("notice", "list").out
    assert company.json("notice", "withdraw", "王芳", "--reason", "stays")["notice"]["state"] == "withdrawn"
    assert company.json("notice", "list")["notices"] == []
    assert [one["ended_reason"] for one in company.json("notice", "list", "--all")["notices"]] == ["stays"]
    company.json("export", company.home / "out.csv", "--by", "王芳")


@pytest.mark.parametrize("hour", ["31.12.2099", "2099-12-31", "2099-13-01 10:00", "2099-02-30 10:00"])
def test_an_hour_is_written_as_day_and_hour(company: Command, hour: str) -> None:
    """What is no hour is named, and nobody is under notice."""
    assert company("notice", "give", "王芳", "--last", hour, "--json").result["error"] == "hour_unreadable"
    assert company.json("notice", "list")["notices"] == []


def test_an_item_takes_somebody_who_saw_to_it(company: Command) -> None:
    """All items are on offer; one that is not open is named."""
    assert company("notice", "checklist", "王芳", "--tick", "devices", "--json").result["error"] == "by_missing"
    ran = company("notice", "checklist", "王芳", "--tick", "devices", "--by", "刘经理", "--json")
    assert ran.result["error"] == "item_unknown"
    company.json("offboard", "王芳", "--yes")
    assert [one["point"] for one in company.json("notice", "checklist", "王芳")["items"]] == list(POINTS)


def test_a_preview_shows_what_would_be_touched_and_does_nothing(company: Command) -> None:
    """As one object for programs, and in words."""
    company.json("channels", "add", "qq", "10001", "--to", "王芳")
    found = company.json("offboard", "王芳", "--preview", "--to", "李强")
    assert (found["outlets"], [one["name"] for one in found["keys"]]) == (3, ["老张烟酒"])
    assert [one["name"] for one in found["places"]] == ["城东", "城西"]
    assert found["channels"][0]["number"] == "10001"
    said = company("offboard", "王芳", "--preview").out
    assert "Key outlets: 1 A 老张烟酒" in said
    assert {one["status"] for one in company.json("staff", "list")["staff"]} == {"active"}


def test_a_handover_list_is_shown_and_printed(company: Command) -> None:
    """On the screen, as a page, and for programs; looking is in the journal."""
    company.json("offboard", "王芳", "--to", "李强", "--yes")
    assert "★ A 老张烟酒" in company("handover", "show", "王芳").out
    page = company.home / "list.html"
    shown = company.json("handover", "show", "王芳", "--html", page, "--by", "刘经理")
    assert [one["successor"] for one in shown["outlets"]] == ["李强"] * 3
    assert "老张烟酒" in page.read_text("utf-8")
    assert company.journal().count("handover_shown") == 2
