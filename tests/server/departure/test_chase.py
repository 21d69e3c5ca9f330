"""The chase: an unconfirmed order comes up again and again, until a receipt or a close with a reason; nothing else ends
it, and nobody who is set to hear of it is left out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

import msgspec
import pytest

from server.departure import orders, reminders
from server.departure.channels import Channel, Message, NotSent, channels_of
from server.departure.chase import CONTRADICTED, UNCONFIRMED, Pace, chase
from server.departure.cutoff import offboard
from server.departure.departures_file import Departure
from server.departure.reminders import Reminder, send_due
from server.master import inbox
from server.master.departures import quarantine, receipts, wipe_orders
from server.master.inbox import Item
from server.settings import Settings
from sync.statements import ReceiptStage
from tests.server.departure.office import Office, Phone
from tests.server.departure.post import mail_server, web_server

HOUR = 3_600_000
DAY = 24 * HOUR
PACE = Pace(DAY, DAY)
TELL = ("mail",)


async def gone(office: Office) -> tuple[Phone, Departure]:
    """Wang's phone after Wang has left; it has not been heard of."""
    phone = await office.enrol(office.wang)
    return phone, await offboard(office.means, office.wang, "left")


async def items(office: Office, *, is_open: bool = True) -> list[Item]:
    """What the chase has in the inbox."""
    async with office.store.read() as tx:
        found = await inbox.listed(tx, is_open=is_open)
    return [one for one in found if one.matter.kind in {UNCONFIRMED, CONTRADICTED}]


async def sent(office: Office) -> list[Reminder]:
    """Every message."""
    async with office.store.read() as tx:
        return await reminders.listed(tx)


async def wiped(office: Office, phone: Phone, departure: Departure) -> None:
    """The phone's final receipt arrives."""
    await office.hear(phone, phone.request(receipts=(office.receipt(phone, departure, ReceiptStage.WIPED),)))


async def test_an_order_comes_up_after_its_time_and_not_before(office: Office) -> None:
    """To the millisecond, about whom, and how far it is, in both languages."""
    _, departure = await gone(office)
    office.clock.tick(DAY - 1)
    assert await chase(office.means, PACE) == 0
    office.clock.tick(1)
    assert await chase(office.means, PACE) == 1
    (item,) = await items(office)
    assert (item.matter.kind, item.matter.about, item.matter.staff) == (
        UNCONFIRMED, departure.devices[0].order, office.wang,
    )  # fmt: skip
    for words in (item.matter.en, item.matter.zh):
        assert "王芳" in words
        assert "24" in words
        assert str(departure.devices[0].order) in words


async def test_one_left_for_a_year_is_brought_up_every_day_and_nothing_is_deleted(office: Office) -> None:
    """The job runs often; the order comes up 365 times, by one item and one message a day."""
    await gone(office)
    before = await office.rows(wipe_orders)
    for _ in range(365):
        office.clock.tick(DAY)
        assert await chase(office.means, PACE, TELL) == 1
        assert await chase(office.means, PACE, TELL) == 0
        await send_due(office.store, {"mail": Kept()}, office.sources)
    (item,) = await items(office)
    assert item.times == 365
    assert [one.message.times for one in await sent(office)] == list(range(1, 366))
    assert await office.rows(wipe_orders) == before


async def test_the_final_receipt_settles_it_by_itself(office: Office) -> None:
    """A receipt before that does not."""
    phone, departure = await gone(office)
    office.clock.tick(DAY)
    await chase(office.means, PACE)
    await office.hear(phone, phone.request(receipts=(office.receipt(phone, departure, ReceiptStage.LOCKED),)))
    office.clock.tick(DAY)
    assert await chase(office.means, PACE) == 1
    await wiped(office, phone, departure)
    office.clock.tick(DAY)
    assert await chase(office.means, PACE) == 0
    assert await items(office) == []
    (item,) = await items(office, is_open=False)
    assert (item.times, item.settled_as) == (2, "the phone sent its final receipt")


async def test_closing_with_a_reason_ends_it_and_says_so(office: Office) -> None:
    """The order itself still goes out; nobody is reminded any more."""
    await gone(office)
    office.clock.tick(DAY)
    await chase(office.means, PACE)
    async with office.store.write() as tx:
        (order,) = await orders.listed(tx)
        await orders.close(tx, order, "phone in the river", office.sources)
    office.clock.tick(30 * DAY)
    assert await chase(office.means, PACE) == 0
    (item,) = await items(office, is_open=False)
    assert item.settled_as == "the order was closed: phone in the river"


async def test_settling_the_item_does_not_end_the_chase(office: Office) -> None:
    """Only a receipt or a closed order does: the matter comes up again in its time."""
    await gone(office)
    office.clock.tick(DAY)
    await chase(office.means, PACE)
    (item,) = await items(office)
    async with office.store.write() as tx:
        await inbox.settle(tx, item.id, "seen", office.sources)
    assert await chase(office.means, PACE) == 0
    office.clock.tick(DAY)
    assert await chase(office.means, PACE) == 1
    assert len(await items(office)) == 1


async def test_a_contradicted_order_comes_up_at_once_and_until_somebody_closes_it(office: Office) -> None:
    """Whatever was said before; another matter than the missing receipt."""
    phone, departure = await gone(office)
    office.clock.tick()
    await wiped(office, phone, departure)
    office.clock.tick()
    await office.hear(phone, phone.request(cursors={}))
    for times in (1, 2):
        assert await chase(office.means, PACE) == 1
        (item,) = await items(office)
        assert (item.matter.kind, item.times) == (CONTRADICTED, times)
        office.clock.tick(DAY)
    async with office.store.write() as tx:
        (order,) = await orders.listed(tx)
        await orders.close(tx, order, "an old message", office.sources)
    assert await chase(office.means, PACE) == 0
    assert await items(office) == []


class Kept:
    """A way out that a test looks into; it fails as often as it says."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.got: list[Message] = []

    async def send(self, message: Message) -> None:
        """Keep a message, or fail."""
        self.fails -= 1
        if self.fails >= 0:
            raise NotSent("no answer")
        self.got.append(message)


async def brought_up(office: Office) -> None:
    """One order is brought up, to be told by mail."""
    await gone(office)
    office.clock.tick(DAY)
    await chase(office.means, PACE, TELL)


async def test_a_message_that_fails_is_tried_until_it_gets_out(office: Office) -> None:
    """Later each time, an hour apart at most; what failed and why is on record."""
    await brought_up(office)
    way = Kept(fails=12)
    waits: list[int] = []
    for _ in range(13):
        assert not way.got
        begun = office.clock()
        await send_due(office.store, {"mail": way}, office.sources)
        (one,) = await sent(office)
        if one.sent_at is None:
            assert (one.error, await send_due(office.store, {"mail": way}, office.sources)) == ("no answer", 0)
            waits.append(one.next_at - begun)
            office.clock.ms = one.next_at
    assert (waits[0], waits == sorted(waits), max(waits)) == (30_000, True, HOUR)
    (one,) = await sent(office)
    assert (one.tries, one.error, one.sent_at) == (13, "", office.clock())
    assert await send_due(office.store, {"mail": way}, office.sources) == 0
    assert len(way.got) == 1


async def test_what_could_not_get_out_for_a_week_gets_out_once_with_the_newest_words(office: Office) -> None:
    """Not seven mails at once."""
    await brought_up(office)
    dead = Kept(fails=10_000)
    for _ in range(7):
        await send_due(office.store, {"mail": dead}, office.sources)
        office.clock.tick(DAY)
        await chase(office.means, PACE, TELL)
    way = Kept()
    await send_due(office.store, {"mail": way}, office.sources)
    assert [one.times for one in way.got] == [8]
    assert "192 hours" in way.got[0].en


async def test_one_way_that_fails_holds_up_no_other(office: Office) -> None:
    """Each channel has its own messages."""
    await gone(office)
    office.clock.tick(DAY)
    await chase(office.means, PACE, ("mail", "webhook"))
    dead, way = Kept(fails=99), Kept()
    assert await send_due(office.store, {"mail": dead, "webhook": way}, office.sources) == 1
    assert {one.channel: one.sent_at is not None for one in await sent(office)} == {
        "mail": False,
        "webhook": True,
    }


async def test_a_process_that_died_while_it_sent_is_followed_by_another(office: Office) -> None:
    """While one tries nobody else does; after a minute the message is free again: better twice than never."""
    await brought_up(office)
    way = Kept()

    class Dying:
        async def send(self, message: Message) -> None:
            del message
            assert await send_due(office.store, {"mail": way}, office.sources) == 0
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await send_due(office.store, {"mail": Dying()}, office.sources)
    assert await send_due(office.store, {"mail": way}, office.sources) == 0
    office.clock.tick(60_000)
    assert await send_due(office.store, {"mail": way}, office.sources) == 1


async def test_words_that_come_while_a_message_is_under_way_are_told_too(office: Office) -> None:
    """What is marked as sent is what was sent."""
    await brought_up(office)
    way = Kept()

    class Slow:
        async def send(self, message: Message) -> None:
            office.clock.tick(DAY)
            await chase(office.means, PACE, TELL)
            await way.send(message)

    await send_due(office.store, {"mail": Slow()}, office.sources)
    await send_due(office.store, {"mail": way}, office.sources)
    assert [one.times for one in way.got] == [1, 2]


async def test_a_mail_arrives_at_a_real_server_in_both_languages(office: Office, tmp_path: Path) -> None:
    """After the server had refused it twice; to everybody who is named."""
    await brought_up(office)
    async with mail_server() as post:
        post.fails = 2
        settings = Settings(
            tmp_path, smtp_url=post.url, mail_from="saojie@a.example", mail_to=("x@b.example", "y@b.example")
        )
        ways = channels_of(settings)
        for _ in range(3):
            await send_due(office.store, ways, office.sources)
            office.clock.tick(HOUR)
    (mail,) = post.mails
    (one,) = await sent(office)
    assert (one.tries, one.error) == (3, "")
    assert (mail["From"], mail["To"]) == ("saojie@a.example", "x@b.example, y@b.example")
    assert mail["Message-ID"] == f"<{one.message.id}@saojie>"
    text = mail.get_content()  # type: ignore[attr-defined]  # a message of the modern policy
    assert one.message.zh in text
    assert one.message.en in text
    assert "王芳" in mail["Subject"]


async def test_a_webhook_arrives_signed(office: Office, tmp_path: Path) -> None:
    """Its signature is over id, time and body, as Standard Webhooks say; a refusal is repeated."""
    await gone(office)
    office.clock.tick(DAY)
    await chase(office.means, PACE, ("webhook",))
    async with web_server() as post:
        post.fails = 1
        ways = channels_of(Settings(tmp_path, webhook_url=f"{post.url}/hook", webhook_secret="shared"))
        await send_due(office.store, ways, office.sources)
        (one,) = await sent(office)
        assert (one.error, one.sent_at) == ("status 503", None)
        office.clock.tick(HOUR)
        await send_due(office.store, ways, office.sources)
    ((headers, body),) = post.posts
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(b"shared", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    said = msgspec.json.decode(body)
    assert (said["type"], said["data"]["kind"], said["data"]["times"]) == (UNCONFIRMED, UNCONFIRMED, 1)


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtp://user:secret@127.0.0.1:1"])
async def test_a_server_that_is_not_there_is_a_failure_that_is_told_without_its_password(
    office: Office, tmp_path: Path, url: str
) -> None:
    """And the webhook's likewise."""
    message = Message(office.wang, UNCONFIRMED, office.wang, None, 1, 1, "en", "zh")
    ways: list[Channel] = list(
        channels_of(
            Settings(tmp_path, smtp_url=url, mail_to=("x@b.example",), webhook_url="http://127.0.0.1:1")
        ).values()
    )
    assert len(ways) == 2
    for way in ways:
        with pytest.raises(NotSent) as failed:
            await way.send(message)
        assert "secret" not in str(failed.value)


async def test_a_password_never_goes_to_a_server_that_speaks_no_tls(office: Office, tmp_path: Path) -> None:
    """The mail waits."""
    async with mail_server() as post:
        url = post.url.replace("smtp://", "smtp://user:secret@")
        (way,) = channels_of(Settings(tmp_path, smtp_url=url, mail_to=("x@b.example",))).values()
        with pytest.raises(NotSent, match="SMTPNotSupportedError"):
            await way.send(Message(office.wang, UNCONFIRMED, office.wang, None, 1, 1, "en", "zh"))
    assert post.mails == []


def test_nothing_goes_out_where_nothing_is_set(tmp_path: Path) -> None:
    """No default server, no default address."""
    assert channels_of(Settings(tmp_path)) == {}
    assert channels_of(Settings(tmp_path, smtp_url="smtp://a.example")) == {}


async def test_the_year_kept_everything(office: Office) -> None:
    """No receipt, no item of quarantine, no order goes by time."""
    phone, departure = await gone(office)
    phone.register(office.east, "甲")
    await office.hear(
        phone,
        phone.request(sealed=phone.sealed(), receipts=(office.receipt(phone, departure, ReceiptStage.LOCKED),)),
    )
    kept = [await office.rows(table) for table in (wipe_orders, receipts, quarantine)]
    for _ in range(12):
        office.clock.tick(30 * DAY)
        await chase(office.means, PACE)
    assert [await office.rows(table) for table in (wipe_orders, receipts, quarantine)] == kept
