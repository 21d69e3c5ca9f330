"""Facts become records and come back without a difference, so that the store can be compared with a list."""

from __future__ import annotations

from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from server.field.intake.compare import changed_fields
from server.field.intake.drafts import Draft, Facts, Phone
from server.field.intake.normalise import source_of
from server.field.intake.records import contact_fields, facts_of, outlet_fields
from sync.codec import pack, unpack
from sync.records import Contact, Outlet
from sync.records.outlet import Cooperation, CreditTerms, Grade
from tests.builders.lists import HOME, draft

SHOP, PERSON = UUID(int=1), UUID(int=2)

texts = st.none() | st.sampled_from(["一号", "老板", "08:00-22:00", "C1"])
phones = st.sampled_from([(), (Phone("138", "+8613800000000"),), (Phone("138", "+8613800000000"), Phone("88886666"))])
anything = st.builds(
    Facts,
    name=st.sampled_from(["老张烟酒", "A & B"]),
    code=texts,
    ref=st.none() | st.just("osm:1"),
    outlet_class=st.none() | st.sampled_from(["other", "grocery"]),
    class_written=texts,
    grade=st.none() | st.sampled_from("ABC"),
    status=st.none() | st.sampled_from(["buyer", "closed"]),
    address=texts,
    position=st.none() | st.just(HOME),
    phones=phones,
    opening_hours=texts,
    contact_name=texts,
    contact_role=texts,
    contact_phones=phones,
    since=st.none() | st.just("2024-03-05"),
    level=st.none() | st.integers(0, 9),
    terms=texts,
    credit_limit=st.none() | st.integers(0, 10**9),
    credit_days=st.none() | st.integers(0, 366),
    territory=texts,
    owner=texts,
    notes=texts,
)


@given(anything)
def test_records_made_of_facts_say_the_same_facts(said: Facts) -> None:
    """Packed, unpacked and read back, they differ from the list in nothing that is compared."""
    outlet = Outlet(SHOP, **outlet_fields(Draft(2, source_of(said), said)))
    given_contact = contact_fields(said)
    contact = Contact(PERSON, SHOP, **given_contact) if given_contact else None
    back = unpack(pack(outlet))
    assert isinstance(back, Outlet)
    missing = {"contact_role", "contact_phones"} if contact is None else set()
    assert set(changed_fields(said, facts_of(back, contact))) <= missing
    assert facts_of(back, contact).ref == said.ref


def test_an_outlet_says_where_it_came_from() -> None:
    """A new outlet carries its source; an update does not touch it."""
    given_fields = outlet_fields(draft(2, code="C1", grade="A"))
    assert (given_fields["source"].value, given_fields["source_ref"]) == ("import", "code:C1")
    assert given_fields["grade"] is Grade.A
    assert "source_ref" not in outlet_fields(draft(2, code="C1"), Outlet(SHOP, "老张烟酒"))


def test_what_the_list_does_not_say_is_not_there() -> None:
    """An update names only fields that the list has, and keeps the halves of cooperation and credit that it has not."""
    assert set(outlet_fields(draft(2, address="一号"), Outlet(SHOP, "老张烟酒"))) == {"name", "address"}
    before = Outlet(SHOP, "老张烟酒", cooperation=Cooperation("2020-01-01", 3, "月结"), credit=CreditTerms(5000, 30))
    given_fields = outlet_fields(draft(2, level=4, credit_days=45), before)
    assert given_fields["cooperation"] == Cooperation("2020-01-01", 4, "月结")
    assert given_fields["credit"] == CreditTerms(5000, 45)


def test_a_sole_phone_is_the_contact_s_too() -> None:
    """One column 联系电话 beside 联系人 is how to reach that person."""
    said = draft(2, contact_name="张三", phones=["+8613800000000"]).facts
    assert contact_fields(said) == {"name": "张三", "phone": "+8613800000000"}
    own = msgspec.structs.replace(said, contact_phones=(Phone("139", "+8613900000000"),))
    assert contact_fields(own)["phone"] == "+8613900000000"
    assert contact_fields(draft(2, phones=["+8613800000000"]).facts) == {}
