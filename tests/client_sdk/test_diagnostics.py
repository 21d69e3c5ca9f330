"""Diagnostics: what support needs of a phone, in every state, without a word of any customer."""

from __future__ import annotations

import re

import msgspec
import pytest

from client_sdk import Birthday, Consent, Diagnostics, NotFound, Position, Relative, Replica, Stock
from client_sdk.ports import Unreachable
from client_sdk.testing import DAY, World
from client_sdk.version import __version__
from sync import scopes
from sync.diagnostics import MOST_BYTES, MOST_SYNCS, as_text, read_diagnostics
from sync.messages import Standing
from sync.records import Contact, ContactPrivate, Outlet, Price, Product
from tests.client_sdk.acts import picture

WORDS = {
    "name": "柳荫街烟酒",
    "address": "柳荫街十二号院",
    "phone": "13911112222",
    "notes": "老板欠了三箱",
    "hours": "七点到二十二点",
    "contact": "欧阳锋",
    "role": "掌柜的",
    "hobby": "斗蛐蛐",
    "relative": "欧阳克",
    "caption": "货架第三层",
    "aim": "谈中秋堆头",
    "said": "想要两箱样品",
    "promised": "下周送样品",
    "account": "尾号8841",
    "credit": "每月三百箱",
    "draft": "半截的话",
    "product": "五粮液1618",
    "practice": "先看货架再开口",
    "code": "K00417",
}
PLACE = Position(39.913818, 116.363625, 9.0)


def at_work(world: World) -> Replica:
    """A phone with known words in every place that takes any: stored, pending, refused, drafted, begun."""
    outlet = Outlet(
        world.company.new_id(), WORDS["name"], address=WORDS["address"], phone=WORDS["phone"], position=PLACE,
        notes=WORDS["notes"], opening_hours=WORDS["hours"], code=WORDS["code"],
    )  # fmt: skip
    person = Contact(
        world.company.new_id(), outlet.id, WORDS["contact"], role=WORDS["role"], phone="13933334444",
        notes=WORDS["notes"],
    )  # fmt: skip
    world.put(outlet, person)
    consent = Consent(given=True, purposes=("care",))
    family = (Relative("1", WORDS["relative"], "儿子", Birthday(3, 8)),)
    private = ContactPrivate(
        world.company.new_id(), person.id, outlet.id, hobbies=(WORDS["hobby"],), family=family, consent=consent
    )
    world.company.master.put(private, scopes.private_of(scopes.territory(world.west)))
    world.company.master.put(Product(world.company.new_id(), "SKU-1", WORDS["product"]), scopes.COMPANY)
    world.company.master.put(Price(world.company.new_id(), "SKU-1", 68017), scopes.COMPANY)
    replica = world.phone()
    visit = replica.visits.log(
        outlet.id, position=PLACE, notes=WORDS["notes"], aim=WORDS["aim"], stock=[Stock("SKU-1", on_hand=417)]
    )
    replica.photos.attach(visit.id, picture(), WORDS["caption"])
    replica.contact_reports.write(outlet.id, said=WORDS["said"], promised=WORDS["promised"])
    replica.payments.record(outlet.id, amount=68017, account=WORDS["account"])
    replica.credit.apply(outlet.id, operations=WORDS["credit"], limit=68017, days=30)
    replica.practices.write(WORDS["practice"], WORDS["notes"])
    replica.drafts.save("form", {"text": WORDS["draft"]})
    replica.visits.start(outlet.id, PLACE, "talk")
    replica.contacts.get(person.id)
    with pytest.raises(NotFound):
        replica.outlets.get(world.company.new_id())
    return replica


def leaks(replica: Replica, told: Diagnostics) -> list[str]:
    """Every trace of a customer in the pack: words, numbers, coordinates, ids of any record or scope."""
    text = msgspec.json.encode(told).decode() + as_text(told)
    found = [word for word in WORDS.values() if word in text]
    others = ("39.91", "116.36", "68017", "13933334444", "小王", "territory/", "staff/")
    ids = set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}", text))
    return found + [part for part in others if part in text] + sorted(ids - {str(replica.device)})


def test_nothing_of_a_customer_is_in_it_whatever_the_phone_holds(world: World) -> None:
    """Known words stand everywhere in the replica and outbox, and nowhere in the pack; also after they were synced."""
    replica = at_work(world)
    for _ in range(2):
        told = replica.diagnostics.collect()
        assert leaks(replica, told) == []
        assert replica.sync().ended == "done"
    held = str(replica.all(Outlet)) + str(replica.all(Contact)) + str(replica.all(ContactPrivate))
    assert [word for word in ("name", "address", "contact", "hobby") if WORDS[word] not in held] == []


def test_a_word_of_a_customer_would_be_found(world: World) -> None:
    """The search itself sees words, ids and scopes in every kind of field."""
    replica = at_work(world)
    told, shop = replica.diagnostics.collect(), replica.outlets.list()[0]
    spoilt = {"why": WORDS["contact"], "met": {f"territory/{world.west}": 1}, "settings": {"x": str(shop.id)}}
    for field, value in spoilt.items():
        assert leaks(replica, msgspec.structs.replace(told, **{field: value})) != []


def test_it_says_how_the_phone_is(world: World) -> None:
    """Versions, state, times, counts by collection, pending work, sizes and the kind of key store."""
    replica = at_work(world)
    world.clocks[world.directory / "phone"].ahead = 90_000
    replica.settings.choose(photos="wifi")
    told = replica.diagnostics.collect()
    status = replica.status()
    assert (told.device, told.sdk, told.state, told.why) == (replica.device, __version__, "open", status.why)
    assert (told.standing, told.clock_ahead) == ("active", 90_000)
    assert (told.pending, told.photos_pending) == (status.pending, 1)
    assert (told.lease_ends, told.last_contact, told.verified_at) == (
        status.lease_ends,
        status.last_contact,
        status.verified_at,
    )
    assert told.records["outlet"] == 1
    assert told.records["contact_private"] == 1
    assert told.met == {"record_unknown": 1}
    assert {name for name, size in told.sizes.items() if size > 0} == {"keys.db", "replica.db", "outbox.db", "photos"}
    assert (told.keystore, told.attests) == ("FileKeyStore", False)
    assert told.free > 0
    assert told.cipher.startswith("SQLite3 Multiple Ciphers")
    assert told.settings == {"photos": "wifi", "live": "any", "saver": "False"}


def test_the_last_syncs_are_told_with_bytes_and_codes(world: World) -> None:
    """The newest twenty, over a restart; how often what went wrong."""
    world.outlet()
    replica = world.phone()
    first = replica.diagnostics.collect().syncs[-1]
    assert (first.ended, first.rounds > 0, first.up > 30, first.down > 100) == ("done", True, True, True)
    world.server.cut()
    for _ in range(3):
        replica.sync()
    world.server.mend()
    for _ in range(MOST_SYNCS):
        replica.sync()
    replica.close()
    again = world.opened()
    told = again.diagnostics.collect()
    assert [one.ended for one in told.syncs] == ["done"] * MOST_SYNCS
    assert told.met == {"no_network": 3}


def test_a_sync_that_brings_nothing_writes_nothing_of_it(world: World) -> None:
    """What is dull waits in memory until something else is written."""
    replica = world.phone()
    replica.sync()
    keys = replica._device.keys.file
    before = keys.one("SELECT total_changes()")
    noted = replica.diagnostics.collect().syncs
    replica._device.course.note(noted[-1], is_dull=True)
    assert replica.diagnostics.collect().syncs == (*noted, noted[-1])
    assert keys.one("SELECT total_changes()") == before


def test_handed_in_it_is_with_the_company(world: World) -> None:
    """Whole, and under the phone's own id."""
    replica = at_work(world)
    handed = replica.diagnostics.hand_in()
    assert (handed.is_there, handed.ended) == (True, "done")
    (kept,) = world.server.diagnostics[replica.device]
    assert (kept.records, kept.pending) == (replica.counts(), replica.status().pending)
    assert as_text(kept) == handed.text


def test_without_a_network_there_is_a_text_to_share(world: World) -> None:
    """Short enough for a message, in both languages."""
    replica = at_work(world)
    world.server.cut()
    handed = replica.diagnostics.hand_in()
    assert (handed.is_there, handed.ended, world.server.diagnostics) == (False, "no_network", {})
    assert handed.zh
    assert handed.en
    assert f"SDK {__version__}" in handed.text
    assert "终端 Outlet 1" in handed.text
    assert len(handed.text) < 3000


def test_a_locked_phone_hands_in_too(world: World) -> None:
    """Its records cannot be counted; why it is locked is told."""
    replica = at_work(world)
    world.time.now += 2 * DAY
    assert replica.status().state == "locked"
    handed = replica.diagnostics.hand_in()
    (kept,) = world.server.diagnostics[replica.device]
    assert (handed.ended, kept.state, kept.why, kept.records) == ("done", "locked", "locked", {})
    assert kept.pending == replica.status().pending


def test_a_suspended_phone_hands_in_too_and_one_that_is_cut_off_does_not(world: World) -> None:
    """After an order it wipes, says so, and its text can still be shared."""
    replica = at_work(world)
    world.device(replica).standing = Standing.SUSPENDED
    assert replica.diagnostics.hand_in().is_there
    world.device(replica).standing = Standing.ACTIVE
    world.company.cut_off(world.rep)
    handed = replica.diagnostics.hand_in()
    assert handed.ended == "departed"
    assert replica.status().state not in {"open", "locked"}
    replica.sync()
    after = replica.diagnostics.hand_in()
    assert (after.ended, len(world.server.diagnostics[replica.device])) == ("wiped", 1)
    assert leaks(replica, replica.diagnostics.collect()) == []


def test_a_damaged_phone_says_so(world: World) -> None:
    """What cannot be read is no hindrance."""
    replica = at_work(world)
    replica.close()
    for name in ("replica.db", "outbox.db"):
        (world.directory / "phone" / name).write_bytes(b"not a database" * 2000)
    again = world.opened()
    told = again.diagnostics.collect()
    assert (told.why, told.records, told.sizes["outbox.db"]) == ("damaged", {}, 28_000)
    again.close()


def test_a_pack_stays_small(world: World) -> None:
    """With as many names as there can be it is read by the server all the same."""
    told = msgspec.structs.replace(
        world.phone().diagnostics.collect(), met={f"{number:03}{'x' * 60}": 1 << 50 for number in range(100)}
    )
    body = msgspec.json.encode(told)
    assert len(body) < MOST_BYTES
    assert read_diagnostics(body) == told


def test_an_answer_that_does_not_come_is_no_network(world: World) -> None:
    """Nobody knows whether it arrived: it may be handed in again."""
    replica = world.phone()

    def lost(*_: object) -> None:
        raise Unreachable("lost on the way back")

    world.server.fault = lost  # type: ignore[assignment]
    assert replica.diagnostics.hand_in().ended == "no_network"
