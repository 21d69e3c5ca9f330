"""All records, and the one table of collections that everything else is derived from."""

from __future__ import annotations

from sync.records.base import Record, Source
from sync.records.collections import COLLECTIONS, Collection, Home, by_tag, collection
from sync.records.company import Notice, OutletClass, Policy, Price, Product, Refused, Score, Teaser
from sync.records.contact import Birthday, Calendar, Channel, Consent, Contact, ContactPrivate, Relative
from sync.records.outlet import Cooperation, CreditTerms, Grade, Outlet, OutletStatus, Review, StockLine
from sync.records.trade import Delivery, Order, OrderLine, Payment
from sync.records.work import (
    Acknowledgement,
    Competitor,
    Opening,
    Photo,
    Seen,
    Sighting,
    Stock,
    Sweep,
    Task,
    TaskStatus,
    TrackPoint,
    Visit,
)

__all__ = [
    "COLLECTIONS",
    "Acknowledgement",
    "Birthday",
    "Calendar",
    "Channel",
    "Collection",
    "Competitor",
    "Consent",
    "Contact",
    "ContactPrivate",
    "Cooperation",
    "CreditTerms",
    "Delivery",
    "Grade",
    "Home",
    "Notice",
    "Opening",
    "Order",
    "OrderLine",
    "Outlet",
    "OutletClass",
    "OutletStatus",
    "Payment",
    "Photo",
    "Policy",
    "Price",
    "Product",
    "Record",
    "Refused",
    "Relative",
    "Review",
    "Score",
    "Seen",
    "Sighting",
    "Source",
    "Stock",
    "StockLine",
    "Sweep",
    "Task",
    "TaskStatus",
    "Teaser",
    "TrackPoint",
    "Visit",
    "by_tag",
    "collection",
]
