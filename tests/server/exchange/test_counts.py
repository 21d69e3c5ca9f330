"""What an exchange asks of the store does not grow with what it brings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from server.exchange.lookout import A_DAYS_WORK
from server.master.store import Store
from sync.operations import Act
from tests.server.exchange.conftest import Company


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are asked of a store in the block."""
    asked: list[str] = []
    engines = [store._writer.sync_engine, store._reader.sync_engine]

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    for one in engines:
        event.listen(one, "before_cursor_execute", note)
    yield asked
    for one in engines:
        event.remove(one, "before_cursor_execute", note)


async def test_two_hundred_visits_take_no_more_statements_than_twenty(company: Company) -> None:
    """Nor do twenty more than one, with the rules' look at them; and all of it together is bounded."""
    phone = await company.phone(company.wang)
    shop = phone.id()
    phone.log(Act.CREATE, "outlet", shop, scope=company.east_scope, name="老张烟酒")
    phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
    await phone.sync()
    took = {}
    for visits in (2, 20, A_DAYS_WORK + 1, 200):
        for _ in range(visits):
            phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
        with counted(company.desk.store) as asked:
            reply = await phone.ask()
        phone.take(reply)
        assert [one.code for one in reply.head.outcomes] == ["applied"] * visits
        took[visits] = len(asked)
    assert took[20] == took[2]
    assert took[200] == took[A_DAYS_WORK + 1] <= took[20]
    assert took[200] < 60
