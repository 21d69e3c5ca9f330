"""Merging, for any operations: it is a function, it converges, and it never loses a value without saying so."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.changes import SetChange, laid_on
from sync.codec import plain
from sync.outcomes import OutcomeCode
from sync.records import ContactPrivate, Record, Relative, TaskStatus
from tests.sync.builders import id_of, outlet, quick
from tests.sync.merging import Asked, Merging, arrivals, start

VALUES = st.sampled_from(["1", "2", "3"])
ELEMENTS = st.sampled_from(["茶", "象棋", "钓鱼"])
SETS = st.builds(
    lambda add, remove: SetChange(tuple(sorted(add)), tuple(sorted(remove - add))), st.sets(ELEMENTS), st.sets(ELEMENTS)
)


def _outboxes(changes: st.SearchStrategy[dict[str, Any]], most: int = 5) -> st.SearchStrategy[list[Asked]]:
    """Operations of up to three outboxes, none of which has seen another's, with stamps that rise in each."""

    def built(drawn: list[tuple[str, dict[str, Any]]], times: list[int]) -> list[Asked]:
        return [Asked(by, at, change) for (by, change), at in zip(drawn, times, strict=True)]

    drawn = st.lists(st.tuples(st.sampled_from("ABC"), changes), min_size=2, max_size=most)
    return drawn.flatmap(
        lambda some: st.permutations(range(10, 10 + len(some))).map(lambda times: built(some, _rising(some, times)))
    )


def _rising(drawn: list[tuple[str, Any]], times: list[int]) -> list[int]:
    """The same times, given out so that each outbox's own rise."""
    own: dict[str, list[int]] = {}
    for (by, _), at in zip(drawn, times, strict=True):
        own.setdefault(by, []).append(at)
    sorted_own = {by: iter(sorted(each)) for by, each in own.items()}
    return [next(sorted_own[by]) for by, _ in drawn]


def _ends(collection: str, field: str, asked: list[Asked], record: dict[str, Any]) -> set[str]:
    return {str(start(collection, record).take_all(order).value(field)) for order in arrivals(asked)}


@quick
@given(_outboxes(st.fixed_dictionaries({"phone": VALUES})))
def test_a_field_ends_with_the_latest_stamp_in_any_order(asked: list[Asked]) -> None:
    """For concurrent operations, order of arrival does not matter: the latest stamp's value stands."""
    latest = max(asked, key=lambda one: one.stamp)
    assert _ends("outlet", "phone", asked, {}) == {latest.changes["phone"]}


@quick
@given(_outboxes(st.fixed_dictionaries({"hobbies": SETS}), most=4), st.booleans())
def test_a_set_ends_the_same_in_any_order(asked: list[Asked], has_tea: bool) -> None:
    """Elements are there when an addition stands that nobody who had seen it took out."""
    record = {"hobbies": {"add": ["茶"]}} if has_tea else {}
    assert len(_ends("contact_private", "hobbies", asked, record)) == 1


@quick
@given(_outboxes(st.fixed_dictionaries({"status": st.sampled_from(TaskStatus)})))
def test_a_status_ends_furthest_in_any_order(asked: list[Asked]) -> None:
    """Forward only, whoever comes first."""
    order = list(TaskStatus)
    furthest = max((one.changes["status"] for one in asked), key=order.index)
    assert _ends("task", "status", asked, {}) == {furthest.value}


@quick
@given(_outboxes(st.fixed_dictionaries({}, optional={"phone": VALUES, "notes": VALUES, "grade": st.just("A")})))
def test_merging_is_a_function(asked: list[Asked]) -> None:
    """The same operations in the same order give the same record, marks and outcomes."""

    def run() -> list[Any]:
        world = start("outlet", {})
        return [*map(world.take, asked), world.record, world.marks, world.revision]

    assert run() == run()


@quick
@given(_outboxes(st.fixed_dictionaries({"phone": VALUES, "notes": VALUES})))
def test_nothing_is_lost_without_a_word(asked: list[Asked]) -> None:
    """Each value either stands, or is followed by somebody who had seen it, or is handed back as lost."""
    world = start("outlet", {})
    for one in asked:
        before = plain(world.record)
        merged = world.take(one)
        told = {(lost.field, lost.value) for lost in merged.lost}
        for field, value in one.changes.items():
            if world.value(field) != value:
                assert (field, value) in told
            if before[field] not in {"", value} and world.value(field) == value:
                assert (field, before[field]) in told or world.marks.of(field).stamp.origin == one.by.encode()
        assert bool(merged.lost) == (merged.code in {OutcomeCode.OVERRODE, OutcomeCode.SUPERSEDED})


@quick
@given(_outboxes(st.fixed_dictionaries({"phone": VALUES})))
def test_whoever_has_seen_everything_is_applied(asked: list[Asked]) -> None:
    """An operation against the newest revision never meets anybody."""
    world = start("outlet", {}).take_all(asked)
    merged = world.take(Asked("D", 99, {"phone": "9"}, base=world.revision))
    assert (merged.code, merged.lost, world.value("phone")) == (OutcomeCode.APPLIED, (), "9")


@quick
@given(st.lists(SETS, max_size=6))
def test_a_set_never_holds_an_element_twice(changes: list[SetChange[str]]) -> None:
    """In the overlay and in the master alike."""
    record = ContactPrivate(id_of(1), id_of(2), id_of(3), hobbies=("茶",))
    shown: Record = record
    world = Merging(record)
    for at, change in enumerate(changes):
        shown = laid_on(shown, {"hobbies": change})
        world.take(Asked("A", at, {"hobbies": change}))
    assert isinstance(shown, ContactPrivate)
    assert len(set(shown.hobbies)) == len(shown.hobbies)
    assert set(shown.hobbies) == set(world.value("hobbies"))


def test_the_overlay_shows_what_the_master_will_say() -> None:
    """With nobody else about, laying changes on top and merging them give the same record."""
    changes = {"phone": "1", "visit_days": SetChange(("mon", "tue"), ("sun",))}
    record = outlet(visit_days=("sun", "sat"))
    world = Merging(record)
    world.take(Asked("A", 10, changes))
    assert laid_on(record, changes) == world.record


def test_a_member_keeps_its_place_when_it_is_changed() -> None:
    """An element that is named again is changed where it stands."""
    family = (Relative("a", "一"), Relative("b", "二"))
    record = ContactPrivate(id_of(1), id_of(2), id_of(3), family=family)
    changed = laid_on(record, {"family": SetChange((Relative("a", "三"),))})
    assert isinstance(changed, ContactPrivate)
    assert [one.name for one in changed.family] == ["三", "二"]
