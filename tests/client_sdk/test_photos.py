"""Photos: made small and plain, sealed on the phone, sent from where they stopped, kept within a budget."""

from __future__ import annotations

import hashlib
import random
from io import BytesIO

import pytest
from PIL import Image

from client_sdk.errors import InvalidInput, NoNetwork, NotFound
from client_sdk.images import LONGEST_EDGE, prepared
from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.testing.world import World
from sync import scopes
from sync.records import Photo
from tests.client_sdk.acts import picture


def noisy(width: int = 900, height: int = 900, seed: int = 1) -> bytes:
    """A picture that does not compress."""
    out = BytesIO()
    data = random.Random(seed).randbytes(width * height * 3)
    Image.frombytes("RGB", (width, height), data).save(out, "JPEG", quality=90)
    return out.getvalue()


def with_metadata() -> bytes:
    """A landscape picture that says it stands on its side, with a place and a comment in it."""
    out = BytesIO()
    image = Image.new("RGB", (400, 200), (10, 20, 30))
    exif = image.getexif()
    exif[0x0112], exif[0x010E], exif[0x013B] = 6, "secret description", "secret artist"
    exif.get_ifd(0x8825)[2] = (60.0, 10.0, 5.0)
    image.save(out, "JPEG", exif=exif, comment=b"secret comment")
    return out.getvalue()


def stored(replica: Replica) -> set[str]:
    """The files in the photos' directory."""
    return {path.name for path in replica._device.places.photos.glob("*")}


def test_the_longest_edge_is_1280_pixels() -> None:
    """Large pictures shrink, small ones stay."""
    assert (prepared(picture(4000, 3000)).width, prepared(picture(4000, 3000)).height) == (1280, 960)
    assert (prepared(picture(30, 20)).width, prepared(picture(30, 20)).height) == (30, 20)


def test_metadata_is_gone_and_the_picture_stands_upright() -> None:
    """The orientation is applied, then everything but the picture is left out."""
    made = prepared(with_metadata())
    assert (made.width, made.height) == (200, 400)
    assert b"secret" not in made.data
    assert b"Exif" not in made.data
    assert dict(Image.open(BytesIO(made.data)).getexif()) == {}


@pytest.mark.parametrize("data", [b"", b"no picture", picture()[:100], b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_what_is_no_picture_is_refused(world: World, data: bytes) -> None:
    """Nothing is stored of it."""
    outlet = world.outlet()
    replica = world.phone()
    with pytest.raises(InvalidInput):
        replica.photos.attach(outlet.id, data)
    assert (replica.status().pending, stored(replica)) == (0, set())


def test_a_photo_that_waits_for_its_record_is_small_already(world: World) -> None:
    """What a draft keeps is taken later as it is; what is no picture is refused while somebody can take another."""
    shop = world.outlet()
    replica = world.phone()
    small = replica.photos.prepare(picture(3000, 2000))
    with Image.open(BytesIO(small)) as opened:
        assert max(opened.size) == LONGEST_EDGE
    replica.drafts.save("visit", {"photo": small})
    photo = replica.photos.attach(shop.id, replica.drafts.load("visit").values["photo"])
    assert max(photo.width, photo.height) == LONGEST_EDGE
    with pytest.raises(InvalidInput):
        replica.photos.prepare(b"no picture")


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "CMYK"])
def test_pictures_of_any_mode_are_taken(mode: str) -> None:
    """A transparent PNG, a grey one, one with a palette."""
    out = BytesIO()
    Image.new(mode, (40, 30)).save(out, "TIFF" if mode == "CMYK" else "PNG")
    assert prepared(out.getvalue()).width == 40


def test_a_photo_lies_sealed_on_the_phone(world: World) -> None:
    """No picture's bytes stand in any file; the rep sees it all the same."""
    outlet = world.outlet()
    replica = world.phone()
    photo = replica.photos.attach(outlet.id, picture(), caption="门头")
    (path,) = replica._device.places.photos.iterdir()
    assert b"JFIF" not in path.read_bytes()
    data = replica.photos.load(photo.id)
    assert data[:2] == b"\xff\xd8"
    assert hashlib.blake2b(data, digest_size=32).hexdigest() == photo.digest
    assert (photo.size, photo.of, photo.outlet, photo.caption) == (len(data), outlet.id, outlet.id, "门头")
    assert replica.photos.of(outlet.id) == [photo]


def test_bytes_follow_when_the_server_has_the_record(world: World) -> None:
    """Nothing is sent before; afterwards the server has exactly the bytes that the record describes."""
    outlet = world.outlet()
    replica = world.phone()
    visit = replica.visits.log(outlet.id)
    photo = replica.photos.attach(visit.id, noisy())
    assert replica.photos.upload().sent == 0
    replica.sync()
    assert replica.status().photos_pending == 1
    result = replica.photos.upload()
    assert (result.ended, result.sent, result.waiting) == ("done", 1, 0)
    assert hashlib.blake2b(world.server.photos[photo.id], digest_size=32).hexdigest() == photo.digest


def test_an_upload_goes_on_from_where_it_stopped(world: World) -> None:
    """The network breaks after each chunk: no byte is sent twice, and the photo is whole in the end."""
    outlet = world.outlet()
    replica = world.phone()
    photo = replica.photos.attach(outlet.id, noisy())
    replica.sync()
    sent: list[int] = []

    def breaking(request: Request, reply: Reply) -> Reply:
        if request.method == "PATCH":
            sent.append(len(request.body))
            world.server.cut()
        return reply

    world.server.fault = breaking
    rounds = 0
    while replica.status().photos_pending:
        world.server.mend()
        replica.photos.upload()
        rounds += 1
    assert rounds == len(sent) > 1
    assert sum(sent) == photo.size == len(world.server.photos[photo.id])


def test_a_chunk_whose_answer_was_lost_is_not_sent_again(world: World) -> None:
    """The server says how far it is, and the phone goes on there."""
    outlet = world.outlet()
    replica = world.phone()
    photo = replica.photos.attach(outlet.id, noisy())
    replica.sync()
    lost = 0

    def losing(request: Request, reply: Reply) -> Reply:
        nonlocal lost
        if request.method == "PATCH" and lost < 2:
            lost += 1
            raise Unreachable("lost on the way back")
        return reply

    world.server.fault = losing
    for _ in range(3):
        replica.photos.upload()
    assert (lost, len(world.server.photos[photo.id])) == (2, photo.size)


def test_photos_that_have_arrived_stay_within_the_budget(world: World) -> None:
    """The oldest go first; what waits never goes; the rep gets the rest from the server."""
    outlet = world.outlet()
    replica = world.phone()
    photos: list[Photo] = []
    for number in range(4):
        world.time.now += 1000
        photos.append(replica.photos.attach(outlet.id, noisy(300, 300, number)))
    replica.sync()
    replica.photos.upload()
    waiting = replica.photos.attach(outlet.id, picture())
    replica.photos.upload(budget=photos[3].size + photos[2].size)
    assert stored(replica) == {one.id.hex for one in (photos[2], photos[3], waiting)}
    assert len(replica.photos.load(photos[0].id)) == photos[0].size
    world.server.cut()
    with pytest.raises(NoNetwork):
        replica.photos.load(photos[0].id)
    with pytest.raises(NotFound):
        replica.photos.load(world.company.new_id())


def test_photos_never_hold_up_text(world: World) -> None:
    """A sync is done though no photo's byte gets through."""
    outlet = world.outlet()
    replica = world.phone()
    replica.photos.attach(outlet.id, picture())
    replica.visits.log(outlet.id, notes="text")

    def no_photos(request: Request, reply: Reply) -> Reply:
        if request.path.startswith("/photos"):
            raise Unreachable("too slow")
        return reply

    world.server.fault = no_photos
    assert replica.sync().ended == "done"
    assert replica.photos.upload().ended == "no_network"
    assert (replica.status().pending, replica.status().photos_pending) == (0, 1)


def test_a_photo_of_an_evicted_outlet_goes_with_it(world: World) -> None:
    """Its record left the phone, so its file does."""
    world.company.hire("老李", world.east)
    outlet = world.outlet()
    replica = world.phone()
    replica.photos.attach(outlet.id, picture())
    replica.sync()
    replica.photos.upload()
    assert len(stored(replica)) == 1
    world.company.master.move(outlet.id, scopes.territory(world.east))
    replica.sync()
    replica.photos.upload()
    assert stored(replica) == set()


def test_a_photo_belongs_to_something_at_an_outlet(world: World) -> None:
    """Not to a sweep, not to what is not there."""
    replica = world.phone()
    sweep = replica.sweeps.log(notes="东街")
    with pytest.raises(InvalidInput):
        replica.photos.attach(sweep.id, picture())
    with pytest.raises(NotFound):
        replica.photos.attach(world.company.new_id(), picture())


def test_a_forked_outbox_still_opens_its_photos(world: World) -> None:
    """A photo is sealed under the outbox key it was taken with, and that key is kept."""
    outlet = world.outlet()
    replica = world.phone()
    photo = replica.photos.attach(outlet.id, picture())
    told = replica._device.outbox.told()
    assert told is not None
    replica._device.outbox.fork(told.id)
    assert len(replica.photos.load(photo.id)) == photo.size
    replica.sync()
    assert replica.photos.upload().sent == 1
