"""Help that ended: the next exchange evicts; work that was provably done before the end is applied, other is kept."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from server.exchange.helped import Helped, stretches
from server.identity import help as helping
from server.identity import territories
from server.identity.help import Help
from server.live.announce import Announcer
from server.master.actors import Authority, Rights, Submission
from sync.clock import Bounds, Moment
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records.outlet import Outlet
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import outlets

MINUTE = 60_000


async def helps(company: Company) -> tuple[Phone, Help]:
    """Li helps in the east for two hours, and has it on the phone."""
    li = await company.phone(company.li)
    await li.sync()
    async with company.desk.store.write() as tx:
        help_ = await helping.give(tx, company.east, company.li, "代班", 2 * HOUR, company.means.departure.sources)
    await li.sync()
    return li, help_


def visit(company: Company, phone: Phone, name: str) -> None:
    """Register a shop in the east at the phone's moment."""
    phone.log(Act.CREATE, "outlet", phone.id(), scope=company.east_scope, name=name)


def at(company: Company, phone: Phone, begun: int, boot: str = "boot-1") -> None:
    """Move the phone's own clock to the company's time; `begun` is when its first moment was."""
    elapsed = 1_000_000 + company.desk.now - begun
    phone.moment = Moment(boot, elapsed, elapsed)


async def test_the_next_exchange_after_the_end_evicts(company: Company) -> None:
    """By the server's clock, whether or not the job has run."""
    await outlets(company, company.east)
    li, given_ = await helps(company)
    assert len(li.records(company.east_scope)) == 3
    company.desk.now = given_.until
    assert (await li.ask()).head.evictions == (company.east_scope,)


async def test_work_from_before_the_end_is_applied_though_it_arrives_later(company: Company) -> None:
    """A rule ended the help; what the phone's own clock proves to be older is appended, what is younger is refused."""
    begun = company.desk.now
    li, given_ = await helps(company)
    company.desk.now += HOUR
    at(company, li, begun)
    visit(company, li, "期间")
    company.desk.now = given_.until + MINUTE
    at(company, li, begun)
    visit(company, li, "之后")
    company.desk.now += HOUR
    at(company, li, begun)
    assert await helping.end_due(company.desk.store, company.means.departure.sources, Announcer()) == 1
    reply = await li.ask()
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.APPLIED, OutcomeCode.REFUSED]
    assert company.east_scope in reply.head.evictions
    held = (await company.desk.records(company.east_scope)).values()
    assert [one.name for one in held if isinstance(one, Outlet)] == ["期间"]


async def test_work_whose_bounds_straddle_the_end_is_kept_for_a_manager(company: Company) -> None:
    """After a reboot the time lies between two contacts: nothing proves it older, so it is a dead letter, whole."""
    begun = company.desk.now
    li, given_ = await helps(company)
    company.desk.now += HOUR
    at(company, li, begun, "boot-1")
    visit(company, li, "无法证明")
    company.desk.now = given_.until + MINUTE
    at(company, li, begun, "boot-2")
    (outcome,) = (await li.ask()).head.outcomes
    assert outcome.code is OutcomeCode.REFUSED


async def test_when_a_person_ended_the_help_nothing_is_applied_later(company: Company) -> None:
    """Taken away by a person, a territory is gone for work that was not handed in."""
    begun = company.desk.now
    li, _ = await helps(company)
    company.desk.now += HOUR
    at(company, li, begun)
    visit(company, li, "期间")
    company.desk.now += MINUTE
    at(company, li, begun)
    async with company.desk.store.write() as tx:
        await helping.end(tx, company.east, company.li, company.means.departure.sources)
    (outcome,) = (await li.ask()).head.outcomes
    assert outcome.code is OutcomeCode.REFUSED


async def test_a_place_that_a_person_took_is_not_brought_back_by_an_old_help(company: Company) -> None:
    """Help that became a lasting place, and was then taken away, proves nothing."""
    begun = company.desk.now
    li, given_ = await helps(company)
    sources = company.means.departure.sources
    async with company.desk.store.write() as tx:
        await territories.assign(tx, company.east, company.li, sources)
    company.desk.now += HOUR
    at(company, li, begun)
    visit(company, li, "期间")
    async with company.desk.store.write() as tx:
        await territories.unassign(tx, company.east, company.li, sources)
    company.desk.now = given_.until + MINUTE
    at(company, li, begun)
    (outcome,) = (await li.ask()).head.outcomes
    assert outcome.code is OutcomeCode.REFUSED


RIGHTS = Rights(Authority.REP, frozenset({"staff/x"}))


@given(st.lists(st.integers(0, 100), max_size=40), st.lists(st.integers(0, 100), max_size=4))
def test_the_reach_of_a_batch_only_ever_shrinks(latest: list[int], ends: list[int]) -> None:
    """Every submission comes out once and in order; there is at most one stretch more than there were helps, whatever
    times a phone makes up; nothing later than an end reaches into its scope.
    """
    handed = [Submission(number, b"", Bounds(0, at_, at_)) for number, at_ in enumerate(latest, 1)]
    helped = [Helped(f"territory/{number}", until) for number, until in enumerate(ends)]
    made = list(stretches(handed, RIGHTS, helped))
    assert [one.number for _, stretch in made for one in stretch] == [one.number for one in handed]
    assert len(made) <= len(helped) + 1
    reaches = [rights.scopes or frozenset() for rights, _ in made]
    assert all(one > other for one, other in pairwise(reaches))
    for rights, stretch in made:
        for one in helped:
            if one.scope in (rights.scopes or ()):
                assert all(each.bounds.latest <= one.until for each in stretch)


def test_who_never_helped_is_one_stretch() -> None:
    """The usual batch is applied as one."""
    handed = [Submission(number, b"", Bounds(0, Random(number).randrange(9), 0)) for number in range(1, 9)]
    assert [len(stretch) for _, stretch in stretches(handed, RIGHTS, [])] == [8]
