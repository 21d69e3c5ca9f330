"""A phone whose platform vouches for its key: from the key store's chain to the grade of its receipts."""

from __future__ import annotations

import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from client_sdk import FileKeyStore
from sync.machine import State
from tests.end_to_end.deployment import Deployment
from tests.server.identity.authority import STRONGBOX, Authority, description

REP = "周海波"


class Vouched(FileKeyStore):
    """A key store of a platform that attests its keys, by a local authority."""

    def __init__(self, directory: Path, authority: Authority) -> None:
        super().__init__(directory)
        self.authority = authority

    def attest(self, name: str, challenge: bytes) -> tuple[bytes, ...]:
        """The chain for the key `name`, which is made for it."""
        key = serialization.load_der_public_key(self.make_key(name))
        assert isinstance(key, ec.EllipticCurvePublicKey)
        return self.authority.chain(key, description(challenge, level=STRONGBOX))


def test_receipts_by_an_attested_key_are_evidence_of_grade_three(deployment: Deployment, tmp_path: Path) -> None:
    """Beside a phone of the same person without one, whose receipts are of grade 2."""
    authority = Authority(time.time_ns() // 1_000_000)
    (deployment.home / "attestation").mkdir()
    (deployment.home / "attestation" / "root.pem").write_bytes(authority.root.pem)
    deployment.stop()
    deployment.start()
    vouched = deployment.phone(REP, tmp_path / "one", keystore=Vouched(tmp_path / "one" / "secrets", authority))
    plain = deployment.phone(REP, tmp_path / "other")
    kept = {one["id"]: one["attestation"] for one in deployment.command("devices", "list")["devices"]}
    assert kept == {str(vouched.device): "strongbox", str(plain.device): None}
    deployment.command("offboard", REP, "--yes")
    assert [one.sync().state for one in (vouched, plain)] == [State.WIPED, State.WIPED]
    grades = {one["device"]: one["grade"] for one in deployment.command("wipes", "list", "--all")["wipes"]}
    assert grades == {str(vouched.device): 3, str(plain.device): 2}
