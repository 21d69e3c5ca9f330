"""The review: what it waits for, what each answer does, and what the rep hears."""

from __future__ import annotations

from functools import partial

import pytest

from server.field.merging import merge
from server.field.registration.answers import QUESTION
from server.field.registration.deciding import Desk as ReviewDesk
from server.field.registration.deciding import Reviewed
from server.field.registration.reading import registrations
from server.field.side_by_side import in_question, open_pairs
from server.master.store import Tx
from sync.operations import Act
from tests.server.field.registration.office import WHOLE, Office
from tests.server.meeting import while_uncommitted


async def test_what_is_not_complete_is_approved_only_with_a_reason(office: Office) -> None:
    """The reason stays with the outlet, and the rep is told what is missing."""
    await office.setting("first_visit_by_two", "off")
    outlet = await office.register(office.wang, **WHOLE)
    assert (await office.decide("approve", outlet)).kept == {outlet: "incomplete"}
    assert (await office.outlet(outlet)).review == "pending"
    came = await office.decide("approve", outlet, reason="门面正在装修")
    assert came.decided == (outlet,)
    stands = await office.outlet(outlet)
    assert (stands.review, stands.review_note) == ("approved", "门面正在装修")
    (told,) = await office.told(office.wang)
    assert (told.about, told.state, [one.code for one in told.reasons]) == (outlet, "approved", ["photo"])
    assert await office.told(office.li) == []


async def test_what_a_merged_outlet_brought_completes_the_one_that_stands_for_it(office: Office) -> None:
    """Its photo and its contact; the phone says the same."""
    await office.setting("first_visit_by_two", "off")
    await office.setting("required", "contact,photo")
    goes, stays = await office.register(office.li, "章记副食"), await office.register(office.wang)
    await office.front(office.li, goes)
    made = office.desk.operation(Act.CREATE, "contact", office.desk.id(), outlet=goes.bytes, name="张三")
    await office.desk.submit(office.desk.rep(office.li, office.east), made)
    assert (await office.decide("approve", stays)).kept == {stays: "incomplete"}
    async with office.desk.store.write() as tx:
        await merge(tx, office.ground.sources, goes, stays, reason="同一家")
    assert (await office.decide("approve", stays)).decided == (stays,)


async def test_what_is_complete_needs_no_reason_and_edits_do_not_undo_it(office: Office) -> None:
    """With a photo of the front; whatever is changed afterwards."""
    await office.setting("first_visit_by_two", "off")
    outlet = await office.register(office.wang, **WHOLE)
    await office.front(office.wang, outlet)
    assert (await office.decide("approve", outlet)).decided == (outlet,)
    rep = office.desk.rep(office.wang, office.east)
    await office.desk.edit(rep, "outlet", outlet, 9, phone="", name="老张")
    await office.look()
    assert (await office.outlet(outlet)).review == "approved"
    assert (await office.decide("approve", outlet)).kept == {outlet: "decided"}


async def test_approval_waits_for_the_first_visit_by_two_or_a_waiver_with_a_reason(office: Office) -> None:
    """Of a rep's registration."""
    outlet = await office.register(office.wang, **WHOLE)
    await office.front(office.wang, outlet)
    assert (await office.decide("approve", outlet)).kept == {outlet: "joint"}
    assert (await office.decide("approve", outlet, reason="看过了")).kept == {outlet: "joint"}
    for person, other in ((office.wang, office.li), (office.li, office.wang)):
        made = office.desk.operation(
            Act.CREATE, "visit", office.desk.id(), outlet=outlet.bytes, companions=[other.bytes]
        )
        await office.desk.submit(office.desk.rep(person, office.east), made)
    assert (await office.decide("approve", outlet)).decided == (outlet,)
    second = await office.register(office.wang, "好再来", **WHOLE)
    came = await office.decide("approve", second, reason="经理同去", waive_joint=True)
    assert came.decided == (second,)


async def test_a_question_is_a_task_until_it_is_decided_and_an_answer_brings_it_back(office: Office) -> None:
    """An edit that was made before the question is no answer to it."""
    outlet = await office.register(office.wang, name="老张")
    asked_at = office.desk.now = office.desk.now + 60_000
    await office.decide("question", outlet, question="门牌号是多少？")
    (task,) = await office.tasks(office.wang)
    assert (task.kind, task.outlet, task.notes, task.status) == (QUESTION, outlet, "门牌号是多少？", "open")
    assert (await office.told(office.wang))[0].note == "门牌号是多少？"
    rep = office.desk.rep(office.wang, office.east)
    for happened, review in ((asked_at - 1, "questioned"), (asked_at + 1, "pending")):
        office.desk.now = asked_at + 60_000
        edit = office.desk.operation(Act.EDIT, "outlet", outlet, base=9, address=f"解放路 {happened}")
        await office.desk.submit(rep, edit, at=happened)
        await office.look()
        assert (await office.outlet(outlet)).review == review
    assert [one.status for one in await office.tasks(office.wang)] == ["done"]
    await office.decide("question", outlet, question="几楼？")
    await office.decide("approve", outlet, reason="可以", waive_joint=True)
    assert [one.status for one in await office.tasks(office.wang)] == ["done", "dropped"]


async def test_what_is_refused_is_closed_and_can_be_approved_after_all(office: Office) -> None:
    """So it counts nowhere; it stands again with the approval."""
    outlet = await office.register(office.wang, status="prospect", **WHOLE)
    await office.decide("refuse", outlet, reason="查无此店")
    stands = await office.outlet(outlet)
    assert (stands.review, stands.status, stands.review_note) == ("refused", "closed", "查无此店")
    assert (await office.told(office.wang))[0].state == "refused"
    assert (await office.decide("question", outlet, question="?")).kept == {outlet: "decided"}
    await office.decide("approve", outlet, reason="找到了", waive_joint=True)
    stands = await office.outlet(outlet)
    assert (stands.review, stands.status) == ("approved", "uses_category")


async def test_a_rep_neither_approves_nor_is_waited_for(office: Office) -> None:
    """The review is the manager's to write; where the registrar has no phone any more, the owner is asked."""
    outlet = await office.register(office.li, name="老张")
    rep = office.desk.rep(office.li, office.east)
    outcome = await office.desk.edit(rep, "outlet", outlet, 1, review="approved")
    assert (outcome.code, outcome.reason) == ("refused", "not_yours")
    made = await office.desk.register(office.desk.manager(), office.east, "经理登记")
    await office.decide("question", made, question="谁去过？")
    assert [one.outlet for one in await office.tasks(office.wang)] == [made]
    async with office.desk.store.read() as tx:
        found = await registrations(tx, office.ground, of=office.east)
    assert {one.id for one in found} == {outlet, made}


async def test_a_contact_that_is_added_answers_a_question_too(office: Office) -> None:
    """Whoever of the roster adds it."""
    outlet = await office.register(office.wang, name="老张")
    await office.decide("question", outlet, question="联系人是谁？")
    office.desk.now += 60_000
    made = office.desk.operation(Act.CREATE, "contact", office.desk.id(), outlet=outlet.bytes, name="张三")
    await office.desk.submit(office.desk.rep(office.li, office.east), made)
    await office.look()
    assert (await office.outlet(outlet)).review == "pending"


@pytest.mark.parametrize("order", [("refuse", "approve"), ("approve", "refuse")])
async def test_of_two_managers_who_decide_at_once_the_second_hears_that_it_is_decided(
    office: Office, order: tuple[str, str]
) -> None:
    """Nothing is approved and closed at once, and nobody is told both; what was refused can be approved after all."""
    outlet = await office.register(office.wang, **WHOLE)

    async def decide(tx: Tx, how: str) -> Reviewed:
        given = {"waive_joint": True} if how == "approve" else {}
        came: Reviewed = await getattr(ReviewDesk(tx, office.ground), how)([outlet], reason="看过了", **given)
        return came

    first, second = await while_uncommitted(office.desk.store, *(partial(decide, how=how) for how in order))
    assert first.decided == (outlet,)
    assert isinstance(second, Reviewed)
    stands = await office.outlet(outlet)
    if order[0] == "approve":
        assert second.kept == {outlet: "decided"}
        assert (stands.review, stands.status) == ("approved", "uses_category")
    else:
        assert (stands.review, stands.status) == ("approved", "uses_category")


async def test_a_second_question_takes_the_place_of_the_first(office: Office) -> None:
    """An answer closes the task that asked, so the next question is asked as well, and never two at a time."""
    outlet = await office.register(office.wang, name="老张")
    office.desk.now += 60_000
    await office.decide("question", outlet, question="门牌号是多少？")
    await office.decide("question", outlet, question="门牌号和电话是多少？")
    assert [(one.notes, one.status) for one in await office.tasks(office.wang)] == [
        ("门牌号是多少？", "dropped"),
        ("门牌号和电话是多少？", "open"),
    ]
    office.desk.now += 60_000
    await office.desk.edit(office.desk.rep(office.wang, office.east), "outlet", outlet, 9, address="解放路 3 号")
    await office.look()
    assert [one.status for one in await office.tasks(office.wang)] == ["dropped", "done"]
    await office.decide("question", outlet, question="电话呢？")
    assert [one.notes for one in await office.tasks(office.wang) if one.status == "open"] == ["电话呢？"]


async def test_a_photo_answers_a_question(office: Office) -> None:
    """The photo of the front is what a registration lacks most often."""
    outlet = await office.register(office.wang, **WHOLE)
    office.desk.now += 60_000
    await office.decide("question", outlet, question="请补门头照片")
    office.desk.now += 60_000
    await office.front(office.wang, outlet)
    await office.look()
    assert (await office.outlet(outlet)).review == "pending"


async def test_a_manager_sees_of_how_many_contacts_nobody_knows_the_channel(office: Office) -> None:
    """So it can be asked before the approval; who is reached by the company's number is not counted."""
    outlet = await office.register(office.wang, name="老张")
    for name, channel in (("张三", "unknown"), ("李四", "company_phone")):
        made = office.desk.operation(
            Act.CREATE, "contact", office.desk.id(), outlet=outlet.bytes, name=name, channel=channel
        )
        assert (await office.desk.submit(office.desk.rep(office.wang, office.east), made))[0].code == "applied"
    async with office.desk.store.read() as tx:
        (found,) = await registrations(tx, office.ground, of=office.east)
    assert found.unasked == 1


async def test_a_registration_that_was_refused_is_no_duplicate_any_more(office: Office) -> None:
    """Refused as the same shop, it holds nothing of the first one back; approved after all, it is asked about again."""
    first = await office.register(office.wang, **WHOLE)
    second = await office.register(office.li, **WHOLE)
    for how, pairs in (("", 1), ("refuse", 0), ("approve", 1)):
        if how:
            await office.decide(how, second, reason="同一家", **({"waive_joint": True} if how == "approve" else {}))
        async with office.desk.store.read() as tx:
            assert len(await open_pairs(tx)) == pairs
            assert (first in await in_question(tx)) is bool(pairs)
