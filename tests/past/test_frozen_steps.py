"""Steps of the schema that stores in the field have taken stay as they were, and a new one does not come alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from client_sdk.local.schema import STEPS as REPLICA
from client_sdk.outbox_rows import SCHEMA as OUTBOX
from server.departure.means import Means
from server.master.store import Store
from tests.past.frozen import frozen, steps_now
from tests.past.harness import FOLDER, PHONES, STEPS, Past
from tests.past.stepping import taken_up
from tests.past.test_old_phones import forms_of
from tests.server.master.test_schema import _made
from tests.sync.frozen import FOLDER as FROZEN


def test_no_published_step_is_changed() -> None:
    """What is to be otherwise is another step."""
    now = steps_now()
    assert {step: now.get(step) for step in frozen()} == frozen()


def test_every_step_is_frozen() -> None:
    """Who adds a step runs `python -m tests.past.frozen`."""
    assert steps_now().keys() == frozen().keys()


def test_every_schema_of_records_has_a_store_and_a_phone() -> None:
    """Who freezes one lays down what it wrote: `python tests/past/record.py TO` (see fixtures/past/README.md)."""
    made = [json.loads((FOLDER / one / "made.json").read_text("utf-8")) for one in PHONES]
    schemas = {int(path.stem.partition("-")[2]) for path in FROZEN.glob("schema-*.json")}
    assert {one["schema"] for one in made} >= schemas


def test_the_newest_forms_of_replica_and_outbox_have_a_phone(tmp_path: Path) -> None:
    """The same for who appends a step to `client_sdk.local.schema` or `client_sdk.outbox_rows`."""
    assert forms_of(Past(PHONES[-1], tmp_path / "past")) == (len(REPLICA), len(OUTBOX))


def _schema(connection: Connection) -> dict[str, object]:
    return {name: said for name, said in _made(connection).items() if not name.endswith(" rows")}


async def _schema_of(means: Means) -> dict[str, object]:
    async with means.store.read() as tx:
        return await tx.run_sync(_schema)


@pytest.mark.parametrize("step", STEPS)
def test_a_store_of_the_past_has_the_schema_that_its_steps_make(step: str, tmp_path: Path) -> None:
    """What real versions left is what the steps of today lead to: none of them was changed before it was frozen."""
    past = Past(step, tmp_path / "past")

    async def by_steps(_means: Means) -> Any:
        store = Store(f"sqlite+aiosqlite:///{tmp_path}/steps.db")
        async with store.write() as tx:
            await taken_up(tx, step)
            made = await tx.run_sync(_schema)
        await store.close()
        return made

    assert past.act(_schema_of) == past.act(by_steps)
