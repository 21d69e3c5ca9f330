"""The tables of `replica.db`, an encrypted SQLite file under the data key.

    meta      name → value: epoch, marks, dates of checks
    scope     one row for each scope that this phone has: cursor, count and digest, and how far a comparison got
    row       one row for each record, in the scope it stands in; `packed` is as it came, NULL for a record that so far
              only the outbox has. `owner` is the outlet (for an acknowledgement the notice) that it belongs to
    overlay   the record as the rep sees it while operations on it are pending: derived, never sent
    pending   which operation touches which record (`seq` is its place in the outbox): derived, ids only
    find      what outlets can be searched by, one narrow row for each as the rep sees it: derived
    find_person   the same for contacts, and for outlets that were merged, which lead to their outlet
    alias     outlets that were merged into `other`; `stands` is the one at the end of the chain: derived
    want      records to ask for whole
    outcome   what came of operations, the newest thousand
    draft     forms that somebody has begun
    claim     scopes that were dropped, until the receipt is signed
    opened    how often contacts' details were opened, by contact and day, until it is told
    telling   operations that tell it, until they are in the outbox

A new version appends a step to `STEPS` and never changes one that was published.
"""

from __future__ import annotations

__all__ = ["STEPS"]

STEPS = (
    """
    CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL);
    CREATE TABLE scope(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, version INTEGER NOT NULL, seal BLOB NOT NULL,
        count INTEGER NOT NULL, digest BLOB NOT NULL, repairs INTEGER NOT NULL, next INTEGER, first BLOB);
    CREATE TABLE row(id INTEGER PRIMARY KEY, record BLOB NOT NULL, tag INTEGER NOT NULL, scope INTEGER NOT NULL,
        version INTEGER NOT NULL, revision INTEGER NOT NULL, owner BLOB, packed BLOB);
    CREATE UNIQUE INDEX row_record ON row(record);
    CREATE INDEX row_owner ON row(tag, owner);
    CREATE TABLE overlay(id INTEGER PRIMARY KEY, packed BLOB NOT NULL);
    CREATE TABLE pending(seq INTEGER NOT NULL, record BLOB NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0,
        at INTEGER, PRIMARY KEY(record, seq)) WITHOUT ROWID;
    CREATE INDEX pending_seq ON pending(seq);
    CREATE TABLE find(id INTEGER PRIMARY KEY, text TEXT NOT NULL, sort TEXT NOT NULL, grade TEXT NOT NULL,
        class TEXT NOT NULL, status TEXT NOT NULL, lat REAL, lon REAL, visited INTEGER, days TEXT NOT NULL);
    CREATE INDEX find_sort ON find(sort);
    CREATE TABLE find_person(id INTEGER PRIMARY KEY, outlet BLOB NOT NULL, text TEXT NOT NULL);
    CREATE TABLE want(record BLOB PRIMARY KEY, scope INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE outcome(place INTEGER PRIMARY KEY, record BLOB, body BLOB NOT NULL);
    CREATE TABLE draft(name TEXT PRIMARY KEY, about BLOB, saved INTEGER NOT NULL, body BLOB NOT NULL);
    """,
    """
    CREATE TABLE claim(id BLOB PRIMARY KEY, scope TEXT NOT NULL, version INTEGER NOT NULL, rows INTEGER NOT NULL,
        boot TEXT NOT NULL, elapsed INTEGER NOT NULL, claimed INTEGER NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE opened(contact BLOB NOT NULL, day TEXT NOT NULL, outlet BLOB NOT NULL, times INTEGER NOT NULL,
        private INTEGER NOT NULL, PRIMARY KEY(contact, day)) WITHOUT ROWID;
    CREATE TABLE telling(operation BLOB PRIMARY KEY, after INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE alias(id INTEGER PRIMARY KEY, outlet BLOB UNIQUE NOT NULL, other BLOB NOT NULL, stands BLOB NOT NULL,
        visited INTEGER);
    CREATE INDEX alias_stands ON alias(stands);
    """,
    "ALTER TABLE find ADD COLUMN registered INTEGER",
)
