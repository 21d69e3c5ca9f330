"""A rep's day on the phone: planned against done, the daily report, prepared visits, talks, findings."""

from __future__ import annotations

import msgspec
import pytest

from client_sdk.errors import AlreadyBegun, InvalidInput, NotFound
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.records import DailyReport, Finding, Grade, OrderLine, Policy, Reason, Task, Visit


def test_what_was_planned_is_held_against_what_was_done(world: World) -> None:
    """A visit to what was due is done, one to what was not is extra, the rest is missed; offline."""
    due, missed, fresh = world.outlet("甲", grade=Grade.A), world.outlet("乙"), world.outlet("丙", grade=Grade.B)
    at = world.time.now - DAY
    world.put(msgspec.structs.replace(fresh, last_visit_at=at), Visit(world.company.new_id(), fresh.id, started_at=at))
    replica = world.phone()
    replica.visits.log(due.id, position=HERE)
    replica.visits.log(fresh.id)
    replica.orders.record(due.id, lines=[OrderLine("SKU-1", 3, 500)])
    replica.outlets.register(name="新店")
    today = replica.today()
    assert (today.planned, today.done, today.due) == (2, 1, 2)
    draft = replica.reports.draft()
    assert set(draft.planned) == {due.id, missed.id}
    assert draft.done == (due.id,)
    assert set(draft.missed) == {missed.id}
    assert (draft.extra, draft.registered, draft.orders) == (1, 1, 1500)


def test_a_registration_is_of_the_day_on_which_it_happened_whatever_date_the_phone_shows(world: World) -> None:
    """The phone's date is a month ahead, once it knows the server's time: the draft counts by the server's."""
    replica = world.phone()
    replica.sync()
    day = replica.reports.draft().day
    world.clock().ahead = 30 * DAY
    made = replica.outlets.register(name="新店")
    assert made.registered_at == world.time.now
    assert replica.reports.draft(day).registered == 1
    replica.sync()
    assert replica.reports.draft(day).registered == 1


def test_a_report_is_sent_once_and_a_second_one_amends_it(world: World) -> None:
    """And reaches the company with the numbers of the draft."""
    world.outlet()
    replica = world.phone()
    first = replica.reports.send(replica.reports.draft(), "下雨")
    second = replica.reports.send(replica.reports.draft(), "下雨，提前收工")
    assert second.amends == first.id
    assert [one.id for one in replica.reports.sent()] == [second.id]
    assert replica.reports.of(first.day) == second
    replica.sync()
    assert {one.id for one in world.in_master(DailyReport)} == {first.id, second.id}
    assert (second.planned, second.notes, replica.reports.of("2020-01-01")) == (1, "下雨，提前收工", None)


def test_a_visit_takes_along_what_was_prepared_for_it(world: World) -> None:
    """With how long before; it is used once, and what is said on the spot goes before it."""
    shop = world.outlet()
    replica = world.phone()
    replica.visits.prepare(shop.id, purpose="shelf", aim="谈货架", questions="谁定价？")
    world.time.now += 600_000
    replica._device.close()
    replica = world.opened()
    replica.visits.start(shop.id, HERE)
    with pytest.raises(AlreadyBegun):
        replica.visits.start(shop.id)
    world.time.now += 1_200_000
    visit = replica.visits.finish(notes="已谈好", aim="谈堆头", steps=["shelf", "price"])
    assert (visit.purpose, visit.aim, visit.questions) == ("shelf", "谈堆头", "谁定价？")
    assert (visit.duration_s, visit.prepared_s, visit.position) == (1200, 600, HERE)
    assert visit.steps == ("shelf", "price")
    assert replica.visits.prepared(shop.id) is None
    assert replica.visits.log(shop.id).prepared_s is None
    with pytest.raises(NotFound):
        replica.visits.finish()
    assert replica.drafts.list() == []


def test_the_steps_of_a_visit_are_the_companys(world: World) -> None:
    """By purpose; none where nothing is set."""
    world.company.master.put(Policy(world.company.new_id(), "checklist_shelf", "陈列,价签,库存"), scopes.COMPANY)
    replica = world.phone()
    assert replica.visits.checklist("shelf") == ("陈列", "价签", "库存")
    assert replica.visits.checklist("other") == replica.visits.checklist("") == ()


def test_a_talk_is_written_up_and_its_promise_comes_back_in_time(world: World) -> None:
    """The first due first; an amended report as it stands."""
    shop = world.outlet()
    replica = world.phone()
    day = replica.today().day
    late = replica.contact_reports.write(shop.id, subject="账期", promised="送样品", promised_by="2000-01-01")
    replica.contact_reports.write(shop.id, subject="价格", next_step="再谈", next_on="2199-01-01")
    due = replica.contact_reports.write(shop.id, subject="陈列", next_step="带海报", next_on=day)
    assert [one.id for one in replica.contact_reports.open_promises()] == [late.id, due.id]
    kept = replica.contact_reports.amend(late.id, promised_by=None, agreed="已送")
    assert [one.id for one in replica.contact_reports.open_promises()] == [due.id]
    assert kept.id in {one.id for one in replica.contact_reports.of(shop.id)}
    assert late.id not in {one.id for one in replica.contact_reports.of(shop.id)}


def test_a_promise_is_open_until_somebody_keeps_it(world: World) -> None:
    """A colleague may; what promises nothing cannot be kept; taken back, it is open again."""
    shop = world.outlet()
    replica = world.phone()
    first = replica.contact_reports.write(shop.id, promised="送样品", promised_by="2000-01-01")
    undated = replica.contact_reports.write(shop.id, next_step="再谈")
    assert [one.id for one in replica.brief(shop.id).promises] == [first.id, undated.id]
    done = replica.contact_reports.keep(first.id, said="已送到")
    assert (done.outlet, done.keeps) == (shop.id, first.id)
    assert replica.contact_reports.open_promises() == []
    assert [one.id for one in replica.brief(shop.id).promises] == [undated.id]
    with pytest.raises(InvalidInput, match="nothing is promised"):
        replica.contact_reports.keep(done.id)
    replica.contact_reports.amend(done.id, keeps=None, said="还没送")
    assert [one.id for one in replica.contact_reports.open_promises()] == [first.id]


def test_what_was_found_is_said_in_both_languages(world: World) -> None:
    """With what was measured; a reason of a newer server by its code."""
    about, own = world.company.new_id(), scopes.staff(world.rep.id)
    reasons = (Reason("far", 900, 250), Reason("clock", 12, 10), Reason("of_2030"))
    found = Finding(
        world.company.new_id(), about, "visit", "doubtful", reasons=reasons, note="请说明", at=world.time.now
    )
    world.company.master.put(found, own)
    replica = world.phone()
    (heard,) = replica.findings.list()
    assert heard.zh == "存疑，请说明；距终端 900 米，允许 250 米；手机时钟偏差 12 分钟，允许 10 分钟；of_2030；请说明"
    assert "900 m from the outlet, 250 m are allowed" in heard.en
    assert replica.findings.of(about) == heard
    assert replica.findings.of(found.id) is None


def test_joint_visits_and_care_stand_out_of_the_days_tasks(world: World) -> None:
    """They are among the tasks as well."""
    own = scopes.staff(world.rep.id)
    for kind, companions in (
        ("care", ()),
        ("joint_visit", ()),
        ("general", (world.company.new_id(),)),
        ("general", ()),
    ):
        world.company.master.put(Task(world.company.new_id(), kind, kind, companions=companions), own)
    today = world.phone().today()
    assert (len(today.tasks), len(today.joint), len(today.care)) == (4, 2, 1)
