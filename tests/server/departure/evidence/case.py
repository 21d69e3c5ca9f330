"""A whole case: a rep with a phone who worked, signed, read and left; the pack about them, and the verifier."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.departure.cutoff import offboard
from server.departure.evidence.agreements import Agreement, AgreementKind, add
from server.departure.evidence.pack import Made, Wanted, make_pack
from server.departure.evidence.single_file import verifier_source
from server.exchange.holdings import give_photo
from server.identity import devices
from server.identity.devices import Device
from server.master.store import Store
from sync.codec import encode
from sync.messages import Standing
from sync.operations import Act
from sync.signing import Kind, Signed, fingerprint, message_of
from sync.statements import Receipt, ReceiptStage
from tests.server.exchange.conftest import HOUR, Company, founded
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import boss, contact, outlets

PHONE_NUMBER = "13800138000"
SECRET = "女儿三月出嫁"


@dataclass
class Case:
    """The company, the phone of Wang, and what happened. `folder` is the pack once it is made."""

    company: Company
    home: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    shops: list[UUID] = field(default_factory=list)
    packs: int = 0

    @property
    def agreements(self) -> Path:
        """Where the register keeps files."""
        return self.home / "agreements"

    @property
    def verifier(self) -> Path:
        """The verifier, apart from any pack."""
        path = self.home / "apart" / "verify_pack.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(verifier_source(), "utf-8")
        return path

    async def phone(self) -> Phone:
        """Wang's phone, with a real key."""
        desk = self.company.desk
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        public = self.key.public_key().public_bytes(serialization.Encoding.DER, kind)
        device = Device(
            desk.id(), self.company.wang, desk.id(), public, "一号机", Standing.ACTIVE, desk.now,
            confirmed_at=desk.now, lease_share=desk.random.randbytes(32),
        )  # fmt: skip
        async with desk.store.write() as tx:
            await devices.add(tx, device, self.company.means.departure.sources)
        return Phone(self.company.means, device.id, 7)

    async def work(self) -> Phone:
        """Outlets and a contact are given, one is opened, visited and edited; a notice is acknowledged."""
        company, desk = self.company, self.company.desk
        self.shops = await outlets(company, company.east)
        self.person, self.private = await contact(company, self.shops[0])
        notice = desk.id()
        await desk.submit(
            boss(company),
            desk.operation(
                Act.CREATE, "notice", notice, scope="company", title="保密须知", body="客户资料属于公司。",
                must_acknowledge=True,
            ),
        )  # fmt: skip
        desk.now += HOUR
        phone = await self.phone()
        await phone.sync()
        phone.log(Act.CREATE, "acknowledgement", phone.id(), notice=notice, notice_revision=1)
        phone.log(Act.CREATE, "visit", phone.id(), outlet=self.shops[0], notes="补货两箱", duration_s=1800)
        phone.log(Act.EDIT, "outlet", self.shops[0], base=1, phone=PHONE_NUMBER)
        phone.log(
            Act.CREATE, "opening", phone.id(), contact=self.person, outlet=self.shops[0], day="2027-01-15", times=3
        )
        phone.log(Act.EDIT, "contact", self.person, base=1, phone=PHONE_NUMBER)
        phone.log(Act.EDIT, "contact_private", self.private, base=1, notes=SECRET)
        await phone.sync()
        await give_photo(desk.store, phone.device.bytes, desk.id().bytes, 777, desk.now)
        return phone

    async def sign(self) -> Agreement:
        """Wang signed a confidentiality agreement, and was paid an allowance for a month."""
        desk, sources = self.company.desk, self.company.means.departure.sources
        file = self.home / "协议.pdf"
        file.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 3)
        said = Agreement(desk.id(), self.company.wang, AgreementKind.CONFIDENTIALITY, desk.now, "2026-01-05")
        paid = Agreement(
            desk.id(), self.company.wang, AgreementKind.ALLOWANCE, desk.now, month="2026-11", amount=30_000
        )
        await add(desk.store, paid, sources)
        return await add(desk.store, said, sources, file=file, folder=self.agreements)

    async def leave(self, phone: Phone) -> None:
        """Wang leaves; the phone hears of it and sends two receipts."""
        departure = await offboard(self.company.means.departure, self.company.wang, "resigned", self.company.li)
        order = departure.devices[0].order
        self.company.desk.now += HOUR
        receipts = tuple(self.receipt(phone, order, stage) for stage in (ReceiptStage.TOLD, ReceiptStage.LOCKED))
        await phone.ask(receipts=receipts)

    def receipt(self, phone: Phone, order: UUID, stage: ReceiptStage) -> Signed:
        """A receipt by the phone's key."""
        body = encode(Receipt(order, phone.device, stage, phone.moment))
        signature = self.key.sign(message_of(Kind.RECEIPT, body), ec.ECDSA(hashes.SHA256()))
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        public = self.key.public_key().public_bytes(serialization.Encoding.DER, kind)
        return Signed(Kind.RECEIPT, body, fingerprint(public), signature)

    async def pack(self, **asked: Any) -> Path:
        """A pack about Wang, in a folder of its own."""
        self.packs += 1
        folder = self.home / f"pack-{self.packs}"
        self.made: Made = await make_pack(
            self.company.means.departure, Wanted(self.company.wang, **asked), folder, self.agreements
        )
        return folder

    def verify(self, pack: Path, *options: str) -> tuple[int, dict[str, Any]]:
        """Run the verifier on plain Python, in an empty folder: exit code and what it said."""
        empty = self.home / "empty"
        empty.mkdir(exist_ok=True)
        command = [sys.executable, "-I", "-S", str(self.verifier), str(pack), "--json", *options]
        ran = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False)
        assert ran.returncode in {0, 1}, ran.stderr
        return ran.returncode, json.loads(ran.stdout)


async def whole_case(store: Store, home: Path) -> Case:
    """A rep who worked, signed, and left."""
    case = Case(await founded(store, home), home)
    phone = await case.work()
    await case.sign()
    await case.leave(phone)
    return case


def lines(pack: Path, name: str) -> list[dict[str, Any]]:
    """The entries of a data file of a pack."""
    text = (pack / "data" / f"{name}.jsonl").read_bytes()
    return [msgspec.json.decode(line) for line in text.splitlines()]
