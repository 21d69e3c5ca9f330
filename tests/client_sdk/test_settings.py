"""What the person chose holds: photos and the live stream wait for it, and nothing else ever does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client_sdk.errors import InvalidInput, ReplicaLocked
from client_sdk.ports import Reply, Request, Surroundings
from client_sdk.replica import Replica
from client_sdk.settings import Preferences, pause_ms
from client_sdk.testing.clocks import DAY
from client_sdk.testing.surroundings import PhoneSurroundings
from client_sdk.testing.world import World
from sync.machine import State
from sync.records import Outlet, Visit
from tests.client_sdk.acts import picture
from tests.client_sdk.test_photos import noisy
from tests.client_sdk.test_sealed_photos import arrived, check_all, loaded, ordered
from tests.client_sdk.test_worker import eventually


class Broken:
    """Surroundings that cannot tell."""

    def is_metered(self) -> bool:
        """Raises."""
        raise OSError("no service")

    def is_saving_battery(self) -> bool:
        """Raises."""
        raise OSError("no service")


def placed(world: World, around: Surroundings) -> Replica:
    """A phone with an outlet, in these surroundings."""
    world.outlet()
    world.phone().close()
    path = world.directory / "phone"
    return Replica.open(path, **world.ports(path) | {"surroundings": around})


def test_what_was_chosen_outlives_the_process(world: World) -> None:
    """Each is chosen by itself, durable on return, and read by the next process, also while locked and after a wipe."""
    replica = world.phone()
    assert replica.settings.chosen() == Preferences("any", "any", saver=False)
    replica.settings.choose(photos="wifi")
    assert replica.settings.choose(live="never", saver=True) == Preferences("wifi", "never", saver=True)
    again = world.opened()
    assert again.settings.chosen() == Preferences("wifi", "never", saver=True)
    world.time.now += 2 * DAY
    with pytest.raises(ReplicaLocked):
        again.outlets.list()
    assert again.settings.choose(saver=False) == Preferences("wifi", "never", saver=False)
    ordered(world, again)
    assert again.sync().state is State.WIPED
    assert again.settings.choose(live="wifi") == Preferences("wifi", "wifi", saver=False)


@pytest.mark.parametrize("given", [{"photos": "never"}, {"live": "sometimes"}, {"saver": "yes"}, {"photos": ""}])
def test_what_cannot_be_chosen_changes_nothing(world: World, given: dict[str, Any]) -> None:
    """The field is named, and what held before holds."""
    replica = world.phone()
    with pytest.raises(InvalidInput) as refused:
        replica.settings.choose(**given)
    assert [refused.value.field] == list(given)
    assert replica.settings.chosen() == Preferences()


def test_photos_wait_for_wifi_and_text_does_not(world: World) -> None:
    """On mobile data the visit goes and its photos stay, and the phone says so; on Wi-Fi they go."""
    around = PhoneSurroundings()
    replica = placed(world, around)
    outlet = replica.all(Outlet)[0]
    replica.settings.choose(photos="wifi")
    around.metered = True
    photos = [replica.photos.attach(outlet.id, picture(colour=(one, 0, 0))) for one in range(3)]
    replica.visits.log(outlet.id)
    assert (replica.status().photos_held, replica.status().why) == (3, "behind")
    assert replica.status().zh.startswith("4 条工作记录等待上传")
    with replica.live() as worker:
        eventually(lambda: worker.last is not None and not replica.status().pending)
        eventually(lambda: not replica._device.work.is_set())
    assert len(world.in_master(Visit)) == 1
    assert world.server.photos == {}
    held = replica.photos.upload()
    assert (held.ended, held.sent, held.waiting) == ("waits_for_wifi", 0, 3)
    status, progress = replica.status(), replica.progress()
    assert status.photos_held == progress.photos_held == 3
    assert status.why == "verified"
    assert status.en.endswith(" 3 photos wait for Wi-Fi.")
    assert status.zh.endswith("3 张照片等待 Wi-Fi。")
    assert (progress.en, progress.zh) == ("3 photos wait for Wi-Fi.", "3 张照片等待 Wi-Fi。")
    around.metered = False
    with replica.live():
        eventually(lambda: not replica.status().photos_pending)
    assert world.server.photos.keys() == {one.id for one in photos}
    assert replica.status().photos_held == 0
    replica.close()


def test_the_worker_sends_when_it_hears_of_wifi(world: World) -> None:
    """The application says that the network is another one: nobody waits for the next sync."""
    around = PhoneSurroundings()
    replica = placed(world, around)
    replica.settings.choose(photos="wifi")
    around.metered = True
    replica.photos.attach(replica.all(Outlet)[0].id, picture())
    with replica.live() as worker:
        eventually(lambda: worker.last is not None and not replica._device.work.is_set())
        assert world.server.photos == {}
        around.metered = False
        replica.settings.surroundings_changed()
        eventually(lambda: not replica.status().photos_pending)
    replica.close()


def test_a_person_may_send_them_anyway(world: World) -> None:
    """The button that says so."""
    around = PhoneSurroundings()
    replica = placed(world, around)
    replica.settings.choose(photos="wifi")
    around.metered = True
    replica.photos.attach(replica.all(Outlet)[0].id, picture())
    replica.sync()
    assert replica.photos.upload(anyway=True).sent == 1
    replica.close()


def test_a_photo_stops_where_the_wifi_ends(world: World) -> None:
    """After the chunk that was on its way; it goes on from there, and no byte is sent twice."""
    around = PhoneSurroundings()
    replica = placed(world, around)
    replica.settings.choose(photos="wifi")
    photo = replica.photos.attach(replica.all(Outlet)[0].id, noisy())
    replica.sync()
    sent: list[int] = []

    def leaving(request: Request, reply: Reply) -> Reply:
        if request.method == "PATCH":
            sent.append(len(request.body))
            around.metered = True
        return reply

    world.server.fault = leaving
    assert replica.photos.upload().ended == "waits_for_wifi"
    assert len(sent) == 1
    assert replica.progress().sent == sent[0] < photo.size == replica.progress().size
    while replica.status().photos_pending:
        around.metered = False
        replica.photos.upload()
    assert sum(sent) == photo.size == len(world.server.photos[photo.id])
    replica.close()


def _streams(world: World, replica: Replica, allow: Callable[[], object], forbid: Callable[[], object]) -> None:
    with replica.live() as worker:
        eventually(lambda: worker.last is not None and not replica._device.work.is_set())
        assert world.server.listeners == 0
        allow()
        eventually(lambda: world.server.listeners)
        forbid()
        eventually(lambda: not world.server.listeners)
        replica.visits.log(replica.all(Outlet)[0].id)
        eventually(lambda: not replica.status().pending)
        assert world.server.listeners == 0
    assert len(world.in_master(Visit)) == 1
    replica.close()


def test_no_stream_is_held_where_none_is_wanted(world: World) -> None:
    """It ends when somebody chooses so, begins when somebody chooses so, and what is logged goes all the same."""
    replica = placed(world, PhoneSurroundings())
    replica.settings.choose(live="never")
    choose = replica.settings.choose
    _streams(world, replica, lambda: choose(live="any"), lambda: choose(live="never"))


@pytest.mark.parametrize("why", ["metered", "saving"])
def test_no_stream_is_held_where_the_phone_should_not(world: World, why: str) -> None:
    """With Wi-Fi only, on mobile data; and on any network while the phone saves its battery."""
    around = PhoneSurroundings()
    replica = placed(world, around)
    replica.settings.choose(live="wifi")
    setattr(around, why, True)

    def turn(to: bool) -> None:
        setattr(around, why, to)
        replica.settings.surroundings_changed()

    _streams(world, replica, lambda: turn(False), lambda: turn(True))


def test_a_stream_ends_with_its_next_line_where_nobody_said_that_the_network_is_another(world: World) -> None:
    """The server's ping is enough: a phone that left its Wi-Fi holds no stream for longer."""
    around = PhoneSurroundings()
    replica = placed(world, around)
    replica.settings.choose(live="wifi")
    with replica.live() as worker:
        eventually(lambda: worker.last is not None and world.server.listeners)
        around.metered = True
        assert world.server.listeners == 1
        world.server.say("ping")
        eventually(lambda: not world.server.listeners)
    replica.close()


def test_a_choice_is_told_to_whoever_watches(world: World) -> None:
    """The page of settings stays true, and so does what waits for Wi-Fi."""
    around = PhoneSurroundings()
    replica = placed(world, around)
    replica.photos.attach(replica.all(Outlet)[0].id, picture())
    around.metered = True
    chosen: list[Preferences] = []
    held: list[int] = []
    with (
        replica.watch(replica.settings.chosen, chosen.append),
        replica.watch(lambda: replica.status().photos_held, held.append),
    ):
        eventually(lambda: chosen and held)
        replica.settings.choose(photos="wifi")
        eventually(lambda: chosen[-1].photos == "wifi" and held[-1] == 1)
        around.metered = False
        replica.settings.surroundings_changed()
        eventually(lambda: held[-1] == 0)
    assert (len(chosen), held) == (2, [0, 1, 0])
    replica.close()


def test_syncs_are_rarer_while_the_battery_is_saved(world: World) -> None:
    """Half an hour in place of five minutes, whoever says so."""
    around = PhoneSurroundings()
    replica = placed(world, around)
    assert pause_ms(replica._device) == 5 * 60_000
    around.saving = True
    assert pause_ms(replica._device) == 30 * 60_000
    around.saving = False
    replica.settings.choose(saver=True)
    assert pause_ms(replica._device) == 30 * 60_000
    replica.close()


def test_an_order_hands_photos_in_on_any_network(world: World) -> None:
    """What was chosen holds nothing up that is handed in."""
    replica, photos = loaded(world, 3)
    replica.close()
    path, around = world.directory / "phone", PhoneSurroundings()
    replica = Replica.open(path, **world.ports(path) | {"surroundings": around})
    replica.settings.choose(photos="wifi", live="never", saver=True)
    around.metered = around.saving = True
    ordered(world, replica)
    assert (replica.status().photos_pending, replica.status().photos_held) == (3, 0)
    assert replica.sync().state is State.WIPED
    assert arrived(world, replica) == photos
    check_all(world, replica, photos, operations=6)
    replica.close()


def test_surroundings_that_cannot_tell_hold_up_no_sync(world: World) -> None:
    """They are taken for a network that costs, and for a phone that saves nothing."""
    replica = placed(world, Broken())
    replica.settings.choose(photos="wifi")
    replica.photos.attach(replica.all(Outlet)[0].id, picture())
    assert replica.sync().ended == "done"
    assert replica.photos.upload().ended == "waits_for_wifi"
    assert pause_ms(replica._device) == 5 * 60_000
    replica.settings.choose(photos="any")
    assert replica.photos.upload().sent == 1
    replica.close()
