"""People, territories, phones and departures by the command: what is typed is understood, what is done is told."""

from __future__ import annotations

import asyncio
import base64
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import Workbook

from server.cli.people import ROLES
from server.cli.root import PARTS
from server.departure.means import means_of
from server.identity.staff import Role
from server.master import inbox
from server.master.inbox import Matter
from server.settings import read_settings
from sync.codec import decode
from sync.signing import Kind, Signed, opened
from sync.statements import LeaseLetter, WipeOrder
from tests.server.cli.conftest import Command
from tests.server.cli.phone import Phone
from tests.source import ROOT


def test_every_parts_help_is_its_own() -> None:
    """The list of commands says what each command says of itself in its first line."""
    shown = {name: text for name, (_, text) in PARTS.items()}
    assert shown == {name: (load().help or "").strip().partition("\n")[0] for name, (load, _) in PARTS.items()}


def test_the_roles_on_offer_are_the_roles() -> None:
    """The command and the company know the same roles."""
    assert set(ROLES) == {one.value for one in Role}


def test_people_and_places(command: Command) -> None:
    """A person is added to a territory's roster, listed, and taken off."""
    command.json("territory", "add", "城东", "--pool", "公海")
    added = command.json("staff", "add", "王芳", "--territory", "城东", "--private")
    roster = command.json("territory", "roster", "城东")["roster"]
    assert [(one["staff"], one["private"], one["role"]) for one in roster] == [(added["staff"], True, "rep")]
    assert command.json("territory", "roster", "城东", "--remove", "王芳")["roster"] == []
    assert len(command.json("territory", "roster", "城东", "--add", added["staff"])["roster"]) == 1
    listed = command.json("territory", "list")
    assert [one["name"] for one in listed["territories"]] == ["城东"]
    assert [one["name"] for one in listed["pools"]] == ["公海"]


def _takeovers(command: Command) -> list[tuple[str, str]]:
    """The tasks of taking over that were given: titles and days."""
    with closing(sqlite3.connect(command.home / "saojie.db")) as store:
        return store.execute("SELECT title, due FROM tasks WHERE kind='takeover' ORDER BY title").fetchall()


def test_whoever_joins_is_told_of_the_key_outlets_at_once(command: Command, tmp_path: Path) -> None:
    """By whatever command they come; once, and nothing of other outlets."""
    command.json("territory", "add", "城东")
    listed = tmp_path / "outlets.csv"
    listed.write_text("编码,店名,等级\nK1,老张烟酒,A\nK2,福顺超市,B\n", "utf-8")
    command.json("import", listed, "--territory", "城东")
    command.json("staff", "add", "王芳", "--territory", "城东")
    assert [title for title, _ in _takeovers(command)] == ["接手 Take over · 老张烟酒"]
    command.json("staff", "add", "李强")
    command.json("territory", "roster", "城东", "--add", "李强")
    command.json("territory", "roster", "城东", "--add", "李强", "--private")
    assert [title for title, _ in _takeovers(command)] == ["接手 Take over · 老张烟酒"] * 2
    book = Workbook()
    book.worksheets[0].append(["编码", "店名"])
    book.worksheets[0].append(["K3", "万家便利"])
    people = book.create_sheet("人员")
    for row in (["姓名", "角色", "片区"], ["赵敏", "业务员", "城东"]):
        people.append(row)
    book.save(tmp_path / "more.xlsx")
    added = command.json("import", tmp_path / "more.xlsx", "--set-up", "--territory", "城东")
    assert added["added"]["staff"] == ["赵敏"]
    assert len(_takeovers(command)) == 3


def test_temporary_help_is_given_listed_and_ended(command: Command) -> None:
    """With a reason, for two hours unless it is said otherwise; it stands on the roster with its end."""
    command.json("territory", "add", "城东")
    command.json("staff", "add", "李强")
    given = command.json("territory", "help", "城东", "--who", "李强", "--reason", "同事生病", "--by", "刘经理")
    assert given["until"] - given["since"] == 2 * 3_600_000
    assert [one["until"] for one in command.json("territory", "roster", "城东")["roster"]] == [given["until"]]
    assert [one["reason"] for one in command.json("territory", "help")["helps"]] == ["同事生病"]
    assert command.json("territory", "help", "城东", "--who", "李强", "--end")["ended"] is True
    assert command.json("territory", "help", "城东", "--who", "李强", "--end")["ended"] is False
    short = ("territory", "help", "城东", "--who", "李强", "--reason", "盘点", "--for")
    assert command(*short, "25h", "--json").result["error"] == "bad_value"
    assert command(*short, "soon", "--json").result["error"] == "bad_length"
    assert command("territory", "help", "城东", "--json").result["error"] == "help_incomplete"
    assert command.journal().count("help_given") == command.journal().count("help_ended") == 1


def test_a_name_that_two_people_have_is_asked_back(command: Command) -> None:
    """Nothing is done to somebody who may be another."""
    command.json("staff", "add", "王芳")
    command.json("staff", "add", "王芳")
    ran = command("offboard", "王芳", "--yes", "--json")
    assert (ran.code, ran.result["error"]) == (1, "staff_ambiguous")
    assert command("offboard", "王方", "--yes", "--json").result["error"] == "staff_unknown"


def test_a_phone_is_enrolled_and_confirmed_by_its_digits(command: Command) -> None:
    """The code goes to the phone, the six digits come back; wrong digits confirm nothing."""
    command.json("staff", "add", "王芳")
    issued = command.json("enrol", "王芳")
    assert issued["payload"].startswith("saojie:enrol?u=http")
    phone = Phone.enrolled(command.home, issued["code"])
    (listed,) = command.json("devices", "list")["devices"]
    assert (listed["standing"], listed["staff_name"]) == ("awaiting_confirmation", "王芳")
    wrong = f"{(int(phone.digits) + 1) % 1_000_000:06d}"
    assert command("devices", "confirm", listed["id"], "--digits", wrong, "--json").result["error"] == "bad_value"
    short = listed["id"][-6:]
    assert command.json("devices", "confirm", short, "--digits", phone.digits)["standing"] == "active"
    assert command.json("devices", "suspend", short, "--reason", "check")["standing"] == "device_suspended"
    assert command.json("devices", "resume", short)["standing"] == "active"


def test_somebody_at_a_terminal_sees_the_code_and_compares_the_digits(command: Command) -> None:
    """`enrol` shows code and QR code, waits for the phone, asks for the digits, and takes no for an answer twice."""
    command.json("staff", "add", "王芳")
    ours, theirs = pty.openpty()
    line = [sys.executable, "-c", "from server.cli import main; main()", "enrol", "王芳"]
    env = {**os.environ, **{name: value or "" for name, value in command.env.items()}}
    with subprocess.Popen(line, cwd=ROOT, env=env, stdin=theirs, stdout=subprocess.PIPE, text=True) as ran:
        assert ran.stdout is not None
        shown = "".join(iter(ran.stdout.readline, "Waiting for the phone… (Ctrl-C leaves the code as it is)\n"))
        assert "█" in shown
        code = shown.partition("The code for 王芳: ")[2].split()[0]
        phone = Phone.enrolled(command.home, code)
        wrong = f"{(int(phone.digits) + 1) % 1_000_000:06d}"
        os.write(ours, f"{wrong}\n{phone.digits}\n".encode())
        rest = ran.stdout.read()
    assert ran.returncode == 0, rest
    assert "2 tries are left" in rest
    assert "The phone is confirmed." in rest
    assert [one["standing"] for one in command.json("devices", "list")["devices"]] == ["active"]


def test_a_device_that_nobody_means_is_not_touched(command: Command) -> None:
    """An id that fits none, or too short a part of one, is refused."""
    assert command("devices", "lost", "abc", "--yes", "--json").result["error"] == "device_unknown"


def test_somebody_leaves(command: Command) -> None:
    """Devices are cut off, orders listed, territories handed over; a second call says the same."""
    command.json("territory", "add", "城东")
    command.json("staff", "add", "王芳", "--territory", "城东")
    li = command.json("staff", "add", "李强")["staff"]
    Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])
    left = command.json("offboard", "王芳", "--to", "李强", "--yes")
    assert (left["successor"], len(left["orders"]), len(left["territories"])) == (li, 1, 1)
    again = command.json("offboard", "王芳", "--yes")
    assert again["orders"] == left["orders"]
    assert [one["staff"] for one in command.json("territory", "roster", "城东")["roster"]] == [li]
    (wipe,) = command.json("wipes", "list")["wipes"]
    assert (wipe["id"], wipe["state"], wipe["grade"]) == (left["orders"][0], "ordered", 1)
    assert command.json("wipes", "show", wipe["id"][-8:])["reason"] == "left"
    assert "王芳" in command("wipes", "list").out


def test_who_returns_is_added_anew_and_names_who_they_were(command: Command) -> None:
    """The name is looked up among those who left."""
    old = command.json("staff", "add", "王芳")["staff"]
    assert command("staff", "add", "王芳", "--formerly", "王芳", "--json").result["error"] == "record_exists"
    command.json("offboard", "王芳", "--yes")
    again = command.json("staff", "add", "王芳", "--formerly", "王芳")
    assert (again["formerly"], again["staff"] != old) == (old, True)


def test_without_a_yes_nobody_is_cut_off(command: Command) -> None:
    """Where nobody can be asked, `--yes` has to be there."""
    command.json("staff", "add", "王芳")
    assert command("offboard", "王芳", "--json").result["error"] == "not_confirmed"
    assert {one["status"] for one in command.json("staff", "list")["staff"]} == {"active"}


def test_a_lost_phone_is_cut_off_and_its_order_can_be_closed(command: Command) -> None:
    """A closed order leaves the list of those to be seen to, and stays among all."""
    command.json("staff", "add", "王芳")
    Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])
    (device,) = command.json("devices", "list")["devices"]
    lost = command.json("devices", "lost", device["id"], "--yes")
    assert command.json("wipes", "close", lost["order"], "--reason", "in the river")["closed"] is True
    assert command.json("wipes", "list")["wipes"] == []
    assert [one["closed_reason"] for one in command.json("wipes", "list", "--all")["wipes"]] == ["in the river"]
    assert command("wipes", "show", "ffffffff", "--json").result["error"] == "order_unknown"


def test_a_phone_is_replaced_as_one_act(command: Command) -> None:
    """A code for the new one; confirming it cuts the old one off. The reason cannot be borrowed for a lost phone."""
    command.json("staff", "add", "王芳")
    old = Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])
    command.json("devices", "confirm", str(old.id), "--digits", old.digits)
    assert command("devices", "lost", str(old.id), "--reason", "replaced", "--json").result["error"] == "reason_taken"
    begun = command.json("devices", "replace", str(old.id), "--by", "刘经理")
    assert (begun["old"], begun["orders"]) == (str(old.id), [])
    new = Phone.enrolled(command.home, begun["code"])
    standing = {one["id"]: one["standing"] for one in command.json("devices", "list")["devices"]}
    assert standing == {str(old.id): "active", str(new.id): "awaiting_confirmation"}
    command.json("devices", "confirm", str(new.id), "--digits", new.digits)
    standing = {one["id"]: one["standing"] for one in command.json("devices", "list")["devices"]}
    assert standing == {str(old.id): "departed", str(new.id): "active"}
    assert [one["reason"] for one in command.json("wipes", "list")["wipes"]] == ["replaced"]
    stolen = command("devices", "lost", str(old.id), "--yes")
    assert "It had been replaced before. If it was stolen, say `saojie wipes close" in stolen.out


def test_what_was_handed_in_is_accepted_or_refused(command: Command) -> None:
    """The quarantine of somebody who left is listed, accepted in part and refused in part."""
    command.json("territory", "add", "城东")
    command.json("staff", "add", "王芳", "--territory", "城东")
    phone = Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])
    command.json("offboard", "王芳", "--yes")
    phone.hand_in(["老张烟酒", "福顺超市", "无名店"])
    items = command.json("quarantine", "list", "--staff", "王芳")["items"]
    assert [(one["act"], one["collection"], one["committed"]) for one in items] == [("create", "outlet", False)] * 3
    refused = command.json("quarantine", "refuse", items[2]["id"], "--reason", "made up", "--by", "刘经理")
    assert refused["refused"] == 1
    accepted = command.json("quarantine", "accept", "--staff", "王芳", "--by", "刘经理")
    assert accepted == {"accepted": 2, "outcomes": {"applied": 2}}
    assert command.json("quarantine", "list")["items"] == []
    assert [one["state"] for one in command.json("quarantine", "list", "--all")["items"]] == [
        "accepted",
        "accepted",
        "refused",
    ]


def test_a_lease_and_an_order_are_shown_as_letters(command: Command) -> None:
    """A code to scan and one line; the bytes are the signed statement. A device that departed gets no lease."""
    command.json("staff", "add", "王芳")
    phone = Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])
    command.json("devices", "confirm", str(phone.id), "--digits", phone.digits)
    told = command.json("devices", "letter", str(phone.id), "--by", "刘经理")
    signed = decode(bytes.fromhex(told["hex"]), Signed)
    assert (signed.kind, opened(signed, LeaseLetter).device) == (Kind.LEASE_LETTER, phone.id)
    assert base64.b64decode(told["base64"]).hex() == told["hex"]
    assert told["payload"].startswith("saojie:accept?b=")
    shown = command("devices", "letter", str(phone.id)).out
    assert "█" in shown
    lost = command.json("devices", "lost", str(phone.id), "--yes")
    assert command("devices", "letter", str(phone.id), "--json").result["error"] == "departed"
    order = decode(bytes.fromhex(command.json("wipes", "letter", lost["order"])["hex"]), Signed)
    assert (order.kind, str(opened(order, WipeOrder).id)) == (Kind.WIPE_ORDER, lost["order"])
    assert [one for one in command.journal() if one.endswith("_letter")] == ["lease_letter"] * 2 + ["wipe_letter"]


def test_a_device_in_hand_is_the_best_evidence(command: Command) -> None:
    """A person states it, with a word on how; it is recorded once."""
    command.json("staff", "add", "王芳")
    phone = Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])
    order = command.json("devices", "lost", str(phone.id), "--yes")["order"]
    given = ("wipes", "in-hand", order, "--by", "刘经理")
    assert command(*given, "--how", " ", "--json").result["error"] == "bad_value"
    assert command.json(*given, "--how", "returned at the office")["recorded"] is True
    assert command.json(*given, "--how", "again")["recorded"] is False
    shown = command.json("wipes", "show", order)
    assert (shown["grade"], shown["in_hand_how"]) == (4, "returned at the office")
    assert command.journal().count("wipe_in_hand") == 1


@pytest.mark.parametrize("arguments", [["quarantine", "accept"], ["quarantine", "refuse", "--reason", "x"]])
def test_nothing_is_decided_that_nobody_chose(command: Command, arguments: list[str]) -> None:
    """Items are named, or a person."""
    assert command(*arguments, "--json").result["error"] == "nothing_chosen"


def test_refused_work_is_listed_and_closed(command: Command) -> None:
    """Dead letters are there to be seen; a letter that is none is named."""
    assert command.json("refused", "list")["refused"] == []
    assert command("refused", "replay", "nonsense", "--json").result["error"] == "letter_unknown"
    assert (
        command("refused", "close", "01a2087c-d965-7ca5-85d8-6139e41094c6", "--reason", "x", "--json").result["error"]
        == "not_found"
    )


def test_what_waits_for_a_manager_is_listed_and_settled(command: Command) -> None:
    """Settling takes a word, and what is settled is on the list of everything."""
    matter = Matter("wipe_unconfirmed", UUID(int=7), "no receipt for a day", "一天没有回执")

    async def bring_up() -> str:
        means = means_of(read_settings({"SAOJIE_HOME": str(command.home)}))
        try:
            async with means.store.write() as tx:
                return str((await inbox.bring_up(tx, matter, means.sources)).id)
        finally:
            await means.close()

    item = asyncio.run(bring_up())
    (shown,) = command.json("inbox", "list")["items"]
    assert (shown["id"], shown["matter"]["en"]) == (item, "no receipt for a day")
    assert command.json("inbox", "settle", item, "--as", "phone found")["settled_as"] == "phone found"
    assert command.json("inbox", "list")["items"] == []
    assert [one["settled_as"] for one in command.json("inbox", "list", "--all")["items"]] == ["phone found"]
    assert command("inbox", "settle", item, "--as", "again", "--json").result["error"] == "item_unknown"
