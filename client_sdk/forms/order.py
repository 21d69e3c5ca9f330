"""Which fields a form shows, in the order of the eye, and which it leaves to the call that stores the record."""

from __future__ import annotations

from sync.records import Consent, OrderLine, Relative, Stock

__all__ = ["APART", "ASIDE", "ASKED", "CODES", "HINTS", "LINES", "OPEN", "ORDER", "PRODUCTS", "RECORDS"]

APART = ("photo", "contact")
"""What a registration is asked to have beside the outlet's own fields: calls of their own store it."""

ORDER: dict[str, tuple[str, ...]] = {
    "outlet": (
        "name",
        "outlet_class",
        "position",
        "photo",
        "phone",
        "contact",
        "address",
        "status",
        "grade",
        "opening_hours",
        "visit_days",
        "code",
        "cooperation",
        "credit",
        "main_contact",
        "notes",
    ),
    "contact": ("name", "role", "phone", "channel", "active", "notes"),
    "contact_private": ("consent", "birthday", "family", "hobbies", "notes"),
    "visit": (
        "purpose",
        "aim",
        "questions",
        "position",
        "channel",
        "contacts",
        "stock",
        "batches",
        "competitors",
        "result",
        "notes",
    ),
    "order": ("lines", "wanted_by", "notes"),
    "delivery": ("lines", "delivered_on", "on_credit", "order", "reference", "notes"),
    "payment": ("amount", "account", "paid_on", "reference", "notes"),
    "contact_report": (
        "channel",
        "contacts",
        "subject",
        "said",
        "agreed",
        "promised",
        "promised_by",
        "next_step",
        "next_on",
    ),
    "credit_application": ("operations", "creditworthiness", "limit", "days"),
    "task": ("status", "answer"),
    "occasion": ("kind", "day", "contact", "notes"),
    "gift": ("gift", "cost", "occasion", "contact", "given_on", "notes"),
    "practice": ("title", "purpose", "body"),
    "photo": ("kind", "caption"),
    "sweep": ("notes",),
    "daily_report": ("notes",),
}

ASIDE: dict[str, frozenset[str]] = {
    "outlet": frozenset({"source"}),
    "contact": frozenset({"outlet"}),
    "contact_private": frozenset({"contact", "outlet"}),
    # Measured by the phone, ticked from the checklist, or named by the task that asks for two.
    "visit": frozenset({"outlet", "amends", "duration_s", "prepared_s", "mock", "steps", "companions"}),
    "order": frozenset({"outlet", "amends", "visit"}),
    "delivery": frozenset({"outlet", "amends"}),
    "payment": frozenset({"outlet", "amends"}),
    "contact_report": frozenset({"outlet", "amends", "visit", "keeps", "companions"}),
    "credit_application": frozenset({"outlet"}),
    "task": frozenset(),
    "occasion": frozenset({"outlet"}),
    "gift": frozenset({"outlet", "amends", "task"}),
    "practice": frozenset(),
    "photo": frozenset({"of", "outlet", "digest", "size", "width", "height"}),
    "sweep": frozenset({"duration_s", "track", "sightings", "area", "amends"}),
    # What the draft of the day counted.
    "daily_report": frozenset({"day", "planned", "done", "extra", "registered", "orders", "missed", "amends"}),
    "Consent": frozenset({"at"}),
    "Relative": frozenset({"key"}),
}
"""What the screen, the phone or the call itself knows. Of a part of a record by the name of its class."""

LINES: dict[str, tuple[str, str]] = {"stock": ("visit", "stock"), "order_line": ("order", "lines")}
"""Lines that have a form of their own: the collection and the field that they stand in."""

ASKED = frozenset({("occasion", "day"), ("payment", "account"), ("Relative", "name")})
"""What the calls ask for, and the record could do without."""

CODES: dict[tuple[str, str], str] = {
    ("outlet", "visit_days"): "weekday",
    ("visit", "purpose"): "purpose",
    ("practice", "purpose"): "purpose",
    ("photo", "kind"): "photo",
    (Consent.__name__, "purposes"): "consent",
}
"""Fields of plain text whose values have words, by the kind under which these stand."""
OPEN = frozenset({("visit", "purpose"), ("practice", "purpose"), ("photo", "kind")})
"""Those of them that take other values too."""
PRODUCTS = frozenset({(Stock.__name__, "product"), (OrderLine.__name__, "product"), ("ShelfBatch", "product")})

RECORDS: dict[str, str] = {"main_contact": "contact", "contacts": "contact", "contact": "contact", "order": "order"}
"""Of which collection a field names a record."""

HINTS: dict[tuple[str, str], tuple[str, str]] = {
    ("outlet", "position"): ("站在店门口获取", "Taken at the shop's door"),
    ("outlet", "grade"): ("由经理审批", "A manager decides on this"),
    ("outlet", "status"): ("关闭由经理审批", "Closing is for a manager to decide"),
    ("outlet", "credit"): ("由经理审批", "A manager decides on this"),
    ("outlet", "opening_hours"): ("例如 8:00–22:00", "Such as 8:00–22:00"),
    ("outlet", "photo"): ("从街上拍整个门头", "The whole front, from the street"),
    ("contact_private", "consent"): ("未经本人同意不得记录", "Nothing is noted without the person's consent"),
    ("visit", "aim"): ("此行要谈成什么", "What this visit is to bring about"),
    ("visit", "stock"): ("货架和库房都数", "Shelf and store room"),
    ("credit_application", "limit"): ("由经理审批", "A manager decides on this"),
    ("payment", "account"): ("只收进公司账户", "Into the company's account only"),
    (Relative.__name__, "relation"): ("例如 配偶、子女", "Such as spouse, child"),
}
