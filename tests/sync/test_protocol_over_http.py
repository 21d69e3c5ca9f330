"""The examples of `sync/PROTOCOL.md` that only a server speaks: enrolment, problem details, photos."""

from __future__ import annotations

import msgspec

from server.departure.photos import MOST_BYTES, MOST_PHOTOS
from server.identity.codes import normalised, payload
from server.master.photos import CHUNK
from server.routes.problems import Details, details_of
from sync.enrolment import Enrolled, EnrolRequest
from sync.errors import Refusal
from sync.signing import Kind, Signed, fingerprint, verified_device
from tests.sync.document import blocks, example, text


def test_a_code_is_read_however_it_is_typed() -> None:
    """Shown, typed and normal form are one code; the QR code holds it with both fingerprints."""
    shown = example("enrolment-code")
    code = normalised(shown["shown"])
    assert code is not None
    assert code == normalised(shown["typed"])
    assert (code.text, code.shown) == (shown["normal"], shown["shown"])
    signing, opening = (fingerprint(bytes.fromhex(shown[name])) for name in ("signing_key", "opening_key"))
    assert payload(code, shown["address"], signing, opening) == shown["qr"]


def test_an_enrolment_is_signed_by_the_new_key() -> None:
    """Over the code in its normal form."""
    request = msgspec.json.decode(blocks()["enrolment-request", "json"], type=EnrolRequest)
    code, public = normalised(request.code), bytes.fromhex(request.public_key)
    assert code is not None
    signed = Signed(Kind.ENROLMENT, code.text.encode(), fingerprint(public), bytes.fromhex(request.signature))
    assert verified_device(signed, Kind.ENROLMENT, public)


def test_the_answer_to_an_enrolment_is_the_servers() -> None:
    """Every field of it, and none besides."""
    shown = example("enrolment-answer")
    assert shown.keys() == {*Enrolled.__struct_fields__}
    found = msgspec.json.decode(blocks()["enrolment-answer", "json"], type=Enrolled)
    assert msgspec.json.decode(msgspec.json.encode(found)) == shown
    assert shown["enrolment"] == example("six-digits")["enrolment"]


def test_a_problem_is_written_by_the_server() -> None:
    """The example has the server's fields, in words of the table."""
    shown = example("problem")
    assert shown.keys() <= {*Details.__struct_fields__}
    made = msgspec.json.decode(msgspec.json.encode(details_of(Refusal("not_signed_in", shown["detail"]))))
    assert {name: shown[name] for name in made} == made


def test_a_chunk_of_a_photo_is_as_large_as_it_says() -> None:
    """The bound in the running text."""
    assert f"up to {CHUNK >> 20} MiB of `application/offset+octet-stream`" in text()


def test_what_is_taken_of_sealed_photos_is_as_it_says() -> None:
    """The bounds in the running text."""
    assert f"most {MOST_PHOTOS:,} such photos and {MOST_BYTES >> 30} GiB" in " ".join(text().split())
