"""Short ways that the tests of the exchange share."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from server.master.actors import Actor
from sync.operations import Act
from tests.server.exchange.conftest import Company


def boss(company: Company) -> Actor:
    """Who decides."""
    return company.desk.manager()


async def outlets(company: Company, territory: UUID, number: int = 3) -> list[UUID]:
    """Some outlets that the manager registered."""
    return [await company.desk.register(boss(company), territory, f"店{at}") for at in range(number)]


async def contact(company: Company, outlet: UUID) -> tuple[UUID, UUID]:
    """A contact at an outlet, and its private part."""
    person, private = company.desk.id(), company.desk.id()
    await company.desk.submit(
        boss(company),
        company.desk.operation(Act.CREATE, "contact", person, outlet=outlet, name="张三"),
        company.desk.operation(
            Act.CREATE, "contact_private", private, outlet=outlet, contact=person, hobbies={"add": ["钓鱼"]}
        ),
    )
    return person, private


async def count(company: Company, table: object) -> int:
    """How many rows a table has."""
    async with company.desk.store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]
