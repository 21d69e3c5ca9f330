"""`saojie departure effect` on a deployment of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.server.cli.conftest import Command


def test_there_is_nothing_to_compare_before_somebody_left_long_enough_ago(command: Command) -> None:
    """Each case says what to do, or from when on."""
    command.json("staff", "add", "周海波", "--role", "rep")
    command.json("territory", "add", "城东片区")
    command.json("territory", "roster", "城东片区", "--add", "周海波")
    ran = command("departure", "effect", "周海波", "--json")
    assert (ran.code, ran.result["error"]) == (1, "no_departure")
    command.json("offboard", "周海波", "--yes")
    ran = command("departure", "effect", "周海波", "--json")
    assert (ran.code, ran.result["error"]) == (1, "too_early")
    ran = command("departure", "effect", "周海波", "--days", "1", "--json")
    assert (ran.code, ran.result["error"]) == (1, "too_early")


def test_a_departure_is_compared_with_what_happened_elsewhere(command: Command) -> None:
    """The longest of the usual windows that is over; told in both languages."""
    command.json("staff", "add", "周海波", "--role", "rep")
    command.json("territory", "add", "城东片区")
    command.json("territory", "roster", "城东片区", "--add", "周海波")
    rows = command.home / "list.csv"
    rows.write_text("店名,终端类型,地址,片区\n老张烟酒,名烟名酒店,建设路1号,城东片区\n", "utf-8")
    command.json("import", rows)
    command.json("offboard", "周海波", "--yes")
    with closing(sqlite3.connect(command.home / "saojie.db")) as store:
        store.execute("UPDATE handovers SET planned_at = planned_at - ?", (61 * 86_400_000,))
        store.commit()
    found = command.json("departure", "effect", "周海波")
    assert (found["days"], found["basis"], found["effect"], found["losses"]) == (60, "counted", 0, [])
    (group,) = found["groups"]
    assert (group["outlets"], group["comparable"], found["alone"]) == (1, 0, 1)
    for language, said in (("zh", "没有可比的终端"), ("en", "nothing to be compared with")):
        assert said in command("departure", "effect", "周海波", "--lang", language).out
