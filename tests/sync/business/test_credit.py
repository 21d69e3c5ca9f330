"""What is owed, when it is due, what payments settle, and when there is no more credit."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest

from sync.business.accounts import is_the_companys
from sync.business.credit import Entry, account_of, due_of, entry_of, last_of, refusal, statement_of
from sync.records import CreditTerms, Delivery, OrderLine, Payment

MONTH = CreditTerms(100_000, 31)


def delivered(number: int, day: str, amount: int, *, on_credit: bool = False) -> Entry:
    """A delivery as an account has it."""
    return Entry(UUID(int=number), day, amount, "delivery", on_credit)


def paid(number: int, day: str, amount: int) -> Entry:
    """A payment as an account has it."""
    return Entry(UUID(int=number), day, -amount, "payment")


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        ("2027-01-31", 31, "2027-03-03"),
        ("2028-01-29", 31, "2028-02-29"),
        ("2027-12-31", 1, "2028-01-01"),
        ("2027-06-10", 0, "2027-06-10"),
    ],
)
def test_a_delivery_on_credit_is_due_so_many_days_later(day: str, days: int, due: str) -> None:
    """Over the ends of months and years, and 29 February."""
    assert due_of(delivered(1, day, 1, on_credit=True), CreditTerms(0, days)) == due
    assert due_of(delivered(1, day, 1), CreditTerms(0, days)) == day
    assert due_of(delivered(1, day, 1, on_credit=True), None) == day


def test_it_is_overdue_from_the_day_after_it_was_due() -> None:
    """Not on the day itself."""
    account = account_of([delivered(1, "2027-01-31", 500, on_credit=True)], MONTH)
    assert (account.overdue("2027-03-03"), account.overdue("2027-03-04")) == (0, 500)


def test_payments_settle_what_is_due_first() -> None:
    """A later delivery that is due at once comes before an earlier one on credit; then by day and id."""
    owed = [
        delivered(3, "2027-01-01", 100, on_credit=True),
        delivered(2, "2027-01-05", 100),
        delivered(1, "2027-01-05", 100),
    ]
    account = account_of([*owed, paid(9, "2027-01-02", 150)], MONTH)
    assert [(one.entry.id.int, one.left) for one in account.items] == [(1, 0), (2, 50), (3, 100)]
    assert (account.open, account.on_credit, account.balance) == (150, 100, 150)


def test_what_is_paid_beyond_is_kept_and_a_return_counts_as_paid() -> None:
    """The surplus is used by the next delivery; a refund is owed."""
    first = [delivered(1, "2027-01-01", 100), paid(2, "2027-01-02", 130), delivered(3, "2027-01-03", -20)]
    assert (account_of(first, None).surplus, account_of(first, None).balance) == (50, -50)
    then = [*first, delivered(4, "2027-01-04", 60)]
    assert [one.left for one in account_of(then, None).items] == [0, 10]
    refunded = [*first, paid(5, "2027-01-05", -70)]
    assert (account_of(refunded, None).balance, account_of(refunded, None).overdue("2027-01-06")) == (20, 20)


def test_what_names_no_day_is_owed_and_never_overdue() -> None:
    """It is settled last."""
    account = account_of([delivered(1, "", 100), delivered(2, "2027-01-01", 50), paid(3, "", 50)], None)
    assert [(one.entry.id.int, one.left) for one in account.items] == [(2, 0), (1, 100)]
    assert account.overdue("2199-12-31") == 0


def test_the_balance_is_deliveries_less_payments_whatever_the_order() -> None:
    """On random accounts; no item is settled before one that is due earlier."""
    random = Random(7)
    for _ in range(300):
        entries = []
        for number in range(random.randrange(12)):
            make, day = (
                random.choice([delivered, paid]),
                f"2027-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}",
            )
            entries.append(make(number, day, random.randrange(-50, 300)))
        account = account_of(random.sample(entries, len(entries)), MONTH)
        assert account == account_of(entries, MONTH)
        assert account.balance == sum(one.amount for one in entries)
        assert account.surplus == 0 or account.open == 0
        is_open = [bool(one.left) for one in account.items]
        assert is_open == sorted(is_open)


def test_an_amended_record_counts_as_amended() -> None:
    """Whatever the length of the chain."""
    outlet = UUID(int=99)
    first = Delivery(UUID(int=1), outlet, lines=(OrderLine("A", 2, 50),))
    second = Delivery(UUID(int=2), outlet, lines=(OrderLine("A", 3, 50),), amends=first.id)
    third = Delivery(UUID(int=3), outlet, lines=(OrderLine("A", 1, 50),), amends=second.id)
    assert [entry_of(one).amount for one in last_of([second, first, third])] == [50]
    assert entry_of(Payment(UUID(int=4), outlet, 70, "x")).amount == -70


@pytest.mark.parametrize(
    ("terms", "entries", "day", "code"),
    [
        (None, [], "2027-02-01", "credit_not_approved"),
        (CreditTerms(500, 0), [], "2027-02-01", "credit_not_approved"),
        (CreditTerms(500, 30), [], "2027-02-01", None),
        (CreditTerms(99, 30), [], "2027-02-01", "credit_over_limit"),
        (CreditTerms(100, 30), [], "2027-02-01", None),
        (CreditTerms(0, 30), [], "2027-02-01", None),
        (CreditTerms(150, 30), [delivered(1, "2027-01-20", 60, on_credit=True)], "2027-02-01", "credit_over_limit"),
        (CreditTerms(150, 30), [delivered(1, "2027-02-01", 60)], "2027-02-01", None),
        (CreditTerms(500, 30), [delivered(1, "2027-01-01", 60, on_credit=True)], "2027-01-31", None),
        (CreditTerms(500, 30), [delivered(1, "2027-01-01", 60, on_credit=True)], "2027-02-01", "credit_stopped"),
        (
            CreditTerms(500, 30),
            [delivered(1, "2027-01-01", 60, on_credit=True), paid(2, "2027-02-05", 60)],
            "2027-02-01",
            None,
        ),
    ],
)
def test_credit_is_refused_before_approval_over_the_limit_and_while_money_is_overdue(
    terms: CreditTerms | None, entries: list[Entry], day: str, code: str | None
) -> None:
    """A delivery of 100 on credit on that day."""
    assert refusal(entries, terms, delivered(9, day, 100, on_credit=True), day) == code


def test_what_is_no_new_credit_is_never_refused() -> None:
    """Cash, a return, and an amendment that asks for no more."""
    was = delivered(1, "2027-02-01", 100, on_credit=True)
    more = delivered(2, "2027-02-01", 101, on_credit=True)
    less = delivered(2, "2027-02-01", 100, on_credit=True)
    assert refusal([], None, delivered(9, "2027-02-01", 100), "2027-02-01", is_stopped=True) is None
    assert refusal([], None, delivered(9, "2027-02-01", -5, on_credit=True), "2027-02-01", is_stopped=True) is None
    assert refusal([was], MONTH, less, "2027-05-01", was=was, is_stopped=True) is None
    assert refusal([was], MONTH, more, "2027-05-01", was=was, is_stopped=True) == "credit_stopped"
    assert refusal([was], CreditTerms(101, 31), more, "2027-02-01", was=was) is None


def test_a_statement_carries_on_from_what_was_owed_before() -> None:
    """Its lines end in what is owed on the last day; what comes later is not in it."""
    entries = [
        delivered(1, "2027-01-31", 100),
        paid(2, "2027-02-01", 40),
        delivered(3, "2027-02-28", 70, on_credit=True),
        paid(4, "2027-03-01", 500),
    ]
    found = statement_of(entries, MONTH, "2027-02-01", "2027-02-28")
    assert (found.before, [one.balance for one in found.lines]) == (100, [60, 130])
    assert (found.account.balance, found.overdue) == (130, 60)


@pytest.mark.parametrize(
    ("account", "accounts", "ours"),
    [
        ("6222 0201-3344", ("6222020133 44",), True),
        ("６２２２０２０１３３４４", ("622202013344",), True),
        ("微信：刘经理", ("微信 刘经理", "x"), True),
        ("622202013345", ("622202013344",), False),
        ("", ("622202013344",), False),
        ("anything", (), True),
    ],
)
def test_an_account_is_known_however_it_is_written(account: str, accounts: tuple[str, ...], ours: bool) -> None:
    """Width, spaces and punctuation say nothing; with no accounts set nothing is held against a payment."""
    assert is_the_companys(account, accounts) is ours
