"""`/photos`: resumable, authorised by the record, whole only with the digest that the record names."""

from __future__ import annotations

import base64
import hashlib
from random import Random
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from server.identity import devices, territories
from server.master.evidence import photo_readings
from server.master.people import photo_files
from sync.operations import Act
from tests.server.routes.house import House, Phone
from tests.server.routes.wire import Wire

CHUNK = 1 << 20
BYTES = b"\xff\xd8\xff" + Random(9).randbytes(2 * CHUNK + 777)
TUS = {"Tus-Resumable": "1.0.0"}


class Shot:
    """A photo whose record the server has, and the phone that took it; its methods are the requests of an upload."""

    def __init__(self, house: House, phone: Phone, photo: UUID) -> None:
        self.house = house
        self.phone = phone
        self.photo = photo

    async def create(self, size: int = len(BYTES), metadata: str | None = None) -> httpx.Response:
        named = base64.b64encode(str(self.photo).encode()).decode()
        metadata = f"record {named},type anBlZw==" if metadata is None else metadata
        sent = {"Upload-Length": str(size), "Upload-Metadata": metadata}
        return await self.house.client.post("/photos", headers=self.phone.bearer() | TUS | sent)

    async def head(self, phone: Phone | None = None) -> httpx.Response:
        return await self.house.client.head(f"/photos/{self.photo}", headers=(phone or self.phone).bearer() | TUS)

    async def patch(self, offset: int, chunk: bytes, **headers: str) -> httpx.Response:
        sent = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"} | headers
        signed = self.phone.bearer() | TUS | sent
        return await self.house.client.patch(f"/photos/{self.photo}", content=chunk, headers=signed)

    async def upload(self, whole: bytes = BYTES) -> httpx.Response:
        answer = await self.create()
        for at in range(0, len(whole), CHUNK):
            answer = await self.patch(at, whole[at : at + CHUNK])
        return answer

    async def get(self, phone: Phone | None = None) -> httpx.Response:
        return await self.house.client.get(f"/photos/{self.photo}", headers=(phone or self.phone).bearer())


@pytest.fixture
async def shot(house: House) -> Shot:
    """A photo of an outlet in the phone's territory; no byte of it is here yet."""
    person = await house.person()
    territory = await house.territory("东", person)
    outlet = await house.desk.register(house.desk.manager(), territory.id)
    phone = await house.phone(person)
    photo, digest = house.desk.id(), hashlib.blake2b(BYTES, digest_size=32).hexdigest()
    made = house.desk.operation(
        Act.CREATE, "photo", photo, of=outlet.bytes, outlet=outlet.bytes, digest=digest, size=len(BYTES)
    )
    answer = await phone.sync(made)
    assert [one.code for one in answer.head.outcomes] == ["applied"], answer.head.outcomes
    return Shot(house, phone, photo)


async def test_a_photo_arrives_in_chunks_and_is_read_back(shot: Shot) -> None:
    """Created, appended, whole; the bytes come back as they were, with the type that they have."""
    created = await shot.create()
    assert (created.status_code, created.headers["Location"]) == (201, f"/photos/{shot.photo}")
    assert (await shot.upload()).headers["Upload-Offset"] == str(len(BYTES))
    answer = await shot.get()
    assert (answer.status_code, answer.content) == (200, BYTES)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_who_was_given_a_photo_is_on_record_before_it_leaves(shot: Shot) -> None:
    """The device, the photo and its size; a photo that is not handed out leaves no trace."""
    wanted = select(photo_readings.c.device, photo_readings.c.photo, photo_readings.c.size)
    assert (await shot.get()).status_code == 404
    async with shot.house.store.read() as tx:
        assert (await tx.execute(wanted)).all() == []
    await shot.upload()
    await shot.get()
    async with shot.house.store.read() as tx:
        (row,) = (await tx.execute(wanted)).all()
    assert (bytes(row.device), bytes(row.photo), row.size) == (shot.phone.device.bytes, shot.photo.bytes, len(BYTES))


async def test_an_upload_goes_on_where_it_stopped(shot: Shot) -> None:
    """HEAD says how far it is, before the first byte, in the middle and at the end; a GET before that finds nothing."""
    offsets = []
    for at in range(0, len(BYTES), CHUNK):
        offsets.append((await shot.head()).headers["Upload-Offset"])
        assert (await shot.get()).status_code == 404
        assert (await shot.patch(at, BYTES[at : at + CHUNK])).status_code == 204
    offsets.append((await shot.head()).headers["Upload-Offset"])
    assert offsets == ["0", str(CHUNK), str(2 * CHUNK), str(len(BYTES))]
    assert (await shot.head()).headers["Upload-Length"] == str(len(BYTES))


async def test_a_chunk_at_another_offset_is_refused(shot: Shot) -> None:
    """409 with how far it is; a repeated chunk is told apart from a new one."""
    await shot.patch(0, BYTES[:100])
    for offset in (0, 99, 101, len(BYTES)):
        answer = await shot.patch(offset, b"x")
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_offset")
    assert (await shot.head()).headers["Upload-Offset"] == "100"


async def test_bytes_that_are_not_the_photo_are_thrown_away(shot: Shot) -> None:
    """The digest of the record decides; the upload begins again, and the right bytes are taken."""
    wrong = BYTES[:-1] + bytes([BYTES[-1] ^ 1])
    answer = await shot.upload(wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_digest")
    assert (await shot.get()).status_code == 404
    assert (await shot.head()).headers["Upload-Offset"] == "0"
    await shot.upload()
    assert (await shot.get()).content == BYTES


async def test_a_photo_that_is_here_is_not_uploaded_again(shot: Shot) -> None:
    """Nothing can be written over it."""
    await shot.upload()
    assert (await shot.patch(0, BYTES[:100])).json()["code"] == "wrong_offset"
    assert (await shot.patch(len(BYTES), b"")).status_code == 204
    assert (await shot.patch(len(BYTES), b"x")).json()["code"] == "too_large"
    assert (await shot.get()).content == BYTES


async def strangers(shot: Shot) -> list[Phone]:
    """Phones that may not see the photo: another territory's, and one that was taken off the roster."""
    other = await shot.house.person("李娜")
    await shot.house.territory("西", other)
    former = await shot.house.person("赵强")
    await shot.house.territory("南", former)
    phones = [await shot.house.phone(other), await shot.house.phone(former)]
    async with shot.house.store.write() as tx:
        (territory,) = [one for one in await territories.all_territories(tx) if one.name == "南"]
        await territories.unassign(tx, territory.id, former.id, shot.house.sources)
    return phones


async def test_a_strangers_photo_does_not_exist(shot: Shot) -> None:
    """Whoever may not read the record is told the same as of a photo that was never taken, whole or not."""
    nowhere = Shot(shot.house, shot.phone, UUID(int=1))
    phones = await strangers(shot)
    for is_whole in (False, True):
        if is_whole:
            await shot.upload()
        for phone in phones:
            mine = Shot(shot.house, phone, shot.photo)
            told = [await mine.get(), await mine.create(), await mine.patch(0, b"x"), await mine.head()]
            none = [await nowhere.get(), await nowhere.create(), await nowhere.patch(0, b"x"), await nowhere.head()]
            assert [(one.status_code, one.content) for one in told] == [(one.status_code, one.content) for one in none]
            assert {one.status_code for one in told} == {404}


async def test_an_id_that_is_no_photo_is_not_there(shot: Shot) -> None:
    """An outlet's id, and what is no id at all."""
    for name in (str(shot.photo)[:-1], "...", "%2e%2e%2fkeys%2ftoken.key", "x" * 300, str(shot.phone.device)):
        answer = await shot.house.client.get(f"/photos/{name}", headers=shot.phone.bearer())
        assert answer.status_code in {404, 405}
        assert answer.json()["code"] in {"not_found", "method_not_allowed"}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus-Resumable": "0.2.0"}, 412, "upload_version"),
        ({"Content-Type": "application/json"}, 415, "media_type"),
        ({"Upload-Offset": "-1"}, 400, "bad_request"),
        ({"Upload-Offset": "abc"}, 400, "bad_request"),
        ({"Upload-Offset": ""}, 400, "bad_request"),
        ({"Upload-Offset": "9" * 30}, 400, "bad_request"),
        ({"Upload-Offset": "1e3"}, 400, "bad_request"),
    ],
)
async def test_a_bad_chunk_is_refused_by_code(shot: Shot, headers: dict[str, str], status: int, code: str) -> None:
    """Each with its code, and none as a fault of ours."""
    answer = await shot.patch(0, b"x", **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_chunk_is_bounded(shot: Shot) -> None:
    """A mebibyte and one byte are too much, and so is more than the record says."""
    assert (await shot.patch(0, bytes(CHUNK + 1))).json()["code"] == "too_large"
    for at in range(0, 2 * CHUNK, CHUNK):
        await shot.patch(at, BYTES[at : at + CHUNK])
    assert (await shot.patch(2 * CHUNK, bytes(CHUNK))).json()["code"] == "too_large"
    assert (await shot.head()).headers["Upload-Offset"] == str(2 * CHUNK)


@pytest.mark.parametrize("metadata", ["", "record", "record !!!", "record " + "A" * 400, "other eA==", "record w7w="])
async def test_an_upload_names_its_record(shot: Shot, metadata: str) -> None:
    """Metadata without a readable record is a bad request; a record that is not there is not found."""
    answer = await shot.create(metadata=metadata)
    assert answer.status_code in {400, 404}


async def test_the_size_is_the_records(shot: Shot) -> None:
    """An upload of another length is refused before its first byte."""
    assert (await shot.create(len(BYTES) + 1)).json()["code"] == "bad_request"


async def test_bytes_that_are_lost_are_asked_for_again(shot: Shot) -> None:
    """Where the files are behind the store, as after a restore, the upload goes on from what the disk has."""
    await shot.patch(0, BYTES[:CHUNK])
    (part,) = shot.house.settings.photos.rglob("*.part")
    part.write_bytes(BYTES[:1000])
    assert (await shot.head()).headers["Upload-Offset"] == "1000"
    await shot.patch(1000, BYTES[1000:CHUNK])
    for at in range(CHUNK, len(BYTES), CHUNK):
        await shot.patch(at, BYTES[at : at + CHUNK])
    assert (await shot.get()).content == BYTES


async def test_what_was_not_acknowledged_is_written_over(shot: Shot) -> None:
    """A chunk that reached the disk and not the store, as in a crash between the two, counts for nothing."""
    await shot.patch(0, BYTES[:1000])
    (part,) = shot.house.settings.photos.rglob("*.part")
    part.write_bytes(BYTES[:1000] + b"torn" * len(BYTES))
    assert (await shot.head()).headers["Upload-Offset"] == "1000"
    for at in range(1000, len(BYTES), CHUNK):
        await shot.patch(at, BYTES[at : at + CHUNK])
    assert (await shot.get()).content == BYTES


async def test_a_photo_that_became_whole_before_a_crash_is_whole(shot: Shot) -> None:
    """The file is renamed before the store is told; after a crash between the two it is there."""
    await shot.upload()
    async with shot.house.store.write() as tx:
        await tx.execute(update(photo_files).values(received=5, finished_at=None))
    assert (await shot.head()).headers["Upload-Offset"] == str(len(BYTES))
    assert (await shot.get()).content == BYTES


async def test_a_device_that_is_cut_off_gets_no_photo(shot: Shot) -> None:
    """Neither from the start, nor the rest of one that is under way."""
    await shot.upload()
    wire = Wire(shot.house.app, "GET", f"/photos/{shot.photo}", shot.phone.bearer())
    await wire.until(BYTES[:100])
    wire.takes.clear()
    async with shot.house.store.write() as tx:
        await devices.suspend(tx, shot.phone.device, "test", shot.house.sources)
    wire.takes.set()
    await wire.ended()
    assert len(wire.body) < len(BYTES)
    assert (await shot.get()).json()["code"] == "device_suspended"


async def test_what_is_spoken_can_be_asked(shot: Shot) -> None:
    """OPTIONS says which version of tus, and how large a photo may be."""
    answer = await shot.house.client.options("/photos")
    assert (answer.headers["Tus-Version"], answer.headers["Tus-Extension"]) == ("1.0.0", "creation")
