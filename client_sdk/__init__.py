"""The phone's side: a replica that works without a network. Imports `sync`, never `server`.

    from client_sdk import Position, Replica, Stock

    replica = Replica.enrol("https://sync.example", code="K7QF-22MX-…", directory=path)
    replica.sync()
    shop = replica.outlets.register(name="老张烟酒", position=Position(39.9042, 116.4074))
    replica.visits.log(shop.id, notes="补货两箱", stock=[Stock("SKU-1", on_hand=12, sold=5)])

HTTP, TLS, pictures and pinyin are loaded when they are first used.
"""

from __future__ import annotations

from client_sdk.alike import Lookalike
from client_sdk.appraisal import Appraised, ScoreLine
from client_sdk.brief import Brief
from client_sdk.care import CareAhead
from client_sdk.clock import SystemClock
from client_sdk.contacts import ContactCard
from client_sdk.diagnosing import Handed
from client_sdk.drafts import Draft
from client_sdk.entropy import SystemRandom
from client_sdk.errors import (
    AlikeOutlets,
    AlreadyBegun,
    AppTooOld,
    EncryptionMissing,
    EnrolmentRefused,
    InvalidInput,
    LetterRefused,
    NoNetwork,
    NotConfirmed,
    NotEnrolled,
    NotFound,
    NoticeUnread,
    ReplicaBusy,
    ReplicaClosed,
    ReplicaCorrupt,
    ReplicaLocked,
    ReplicaWiped,
    SaojieError,
    StorageFailed,
    StorageFull,
    WrongThread,
)
from client_sdk.exchange.report import SyncReport
from client_sdk.findings import Heard
from client_sdk.forms.fields import Choice, FormField, Input, Trouble
from client_sdk.forms.form import Form
from client_sdk.keystore import FileKeyStore
from client_sdk.map import Bounds
from client_sdk.outlets import Nearby
from client_sdk.photos import Upload
from client_sdk.pool import Offer
from client_sdk.ports import (
    AttestingKeyStore,
    Clock,
    KeyStore,
    Random,
    Reply,
    Request,
    Surroundings,
    Transport,
    Unreachable,
)
from client_sdk.progress import Progress
from client_sdk.refusals import RefusedWork
from client_sdk.replica import About, Replica
from client_sdk.reporting import DailyDraft
from client_sdk.settings import Preferences
from client_sdk.status import Status
from client_sdk.storage.disk import Disk
from client_sdk.storage.drivers import Driver
from client_sdk.sweeping import SweepReport, SweepSession
from client_sdk.today import DueVisit, Today
from client_sdk.transport import HttpTransport
from client_sdk.version import __version__
from client_sdk.visiting import Going, Prepared
from client_sdk.watching import Watch
from sync.business.credit import Account, Statement
from sync.business.sweeps import SweepFigures
from sync.changes import SetChange
from sync.diagnostics import Diagnostics
from sync.machine import State
from sync.outcomes import Outcome, OutcomeCode
from sync.positions import Position
from sync.records import (
    Acknowledgement,
    Birthday,
    Calendar,
    Channel,
    Claim,
    Competitor,
    Consent,
    Contact,
    ContactPrivate,
    ContactReport,
    Cooperation,
    Corner,
    CreditApplication,
    CreditTerms,
    DailyReport,
    Delivery,
    Gift,
    Grade,
    Notice,
    Occasion,
    OccasionKind,
    Order,
    OrderLine,
    Outlet,
    OutletClass,
    OutletStatus,
    Payment,
    Photo,
    Practice,
    Price,
    Product,
    Record,
    Refused,
    Relative,
    Review,
    Score,
    Seen,
    ShelfBatch,
    Sighting,
    Stock,
    StockLine,
    Sweep,
    Task,
    TaskStatus,
    Teaser,
    TrackPoint,
    Visit,
)

__all__ = [
    "About",
    "Account",
    "Acknowledgement",
    "AlikeOutlets",
    "AlreadyBegun",
    "AppTooOld",
    "Appraised",
    "AttestingKeyStore",
    "Birthday",
    "Bounds",
    "Brief",
    "Calendar",
    "CareAhead",
    "Channel",
    "Choice",
    "Claim",
    "Clock",
    "Competitor",
    "Consent",
    "Contact",
    "ContactCard",
    "ContactPrivate",
    "ContactReport",
    "Cooperation",
    "Corner",
    "CreditApplication",
    "CreditTerms",
    "DailyDraft",
    "DailyReport",
    "Delivery",
    "Diagnostics",
    "Disk",
    "Draft",
    "Driver",
    "DueVisit",
    "EncryptionMissing",
    "EnrolmentRefused",
    "FileKeyStore",
    "Form",
    "FormField",
    "Gift",
    "Going",
    "Grade",
    "Handed",
    "Heard",
    "HttpTransport",
    "Input",
    "InvalidInput",
    "KeyStore",
    "LetterRefused",
    "Lookalike",
    "Nearby",
    "NoNetwork",
    "NotConfirmed",
    "NotEnrolled",
    "NotFound",
    "Notice",
    "NoticeUnread",
    "Occasion",
    "OccasionKind",
    "Offer",
    "Order",
    "OrderLine",
    "Outcome",
    "OutcomeCode",
    "Outlet",
    "OutletClass",
    "OutletStatus",
    "Payment",
    "Photo",
    "Position",
    "Practice",
    "Preferences",
    "Prepared",
    "Price",
    "Product",
    "Progress",
    "Random",
    "Record",
    "Refused",
    "RefusedWork",
    "Relative",
    "Replica",
    "ReplicaBusy",
    "ReplicaClosed",
    "ReplicaCorrupt",
    "ReplicaLocked",
    "ReplicaWiped",
    "Reply",
    "Request",
    "Review",
    "SaojieError",
    "Score",
    "ScoreLine",
    "Seen",
    "SetChange",
    "ShelfBatch",
    "Sighting",
    "State",
    "Statement",
    "Status",
    "Stock",
    "StockLine",
    "StorageFailed",
    "StorageFull",
    "Surroundings",
    "Sweep",
    "SweepFigures",
    "SweepReport",
    "SweepSession",
    "SyncReport",
    "SystemClock",
    "SystemRandom",
    "Task",
    "TaskStatus",
    "Teaser",
    "Today",
    "TrackPoint",
    "Transport",
    "Trouble",
    "Unreachable",
    "Upload",
    "Visit",
    "Watch",
    "WrongThread",
    "__version__",
]
