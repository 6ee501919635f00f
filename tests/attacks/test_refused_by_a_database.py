"""What a database refuses is the sender's to mend, and is never answered with "try again"; what passes always is."""

from __future__ import annotations

import httpx2 as httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.db import Database
from shared.http.answers import an_app

REFUSED = {"error": "invalid", "problems": [{"field": "", "reason": "cannot_be_stored"}]}


@pytest.mark.parametrize("given", ["c-\x00", "c-\ud800", "x" * 3_000_000], ids=["NUL", "half a character", "too long"])
@pytest.mark.parametrize("way", ["by the driver", "by SQLAlchemy"])
async def test_what_postgresql_refuses_is_refused_and_not_to_be_tried_again(
    postgres_url: str, given: str, way: str
) -> None:
    database = Database(postgres_url, "s")
    async with database.alter() as c:
        await c.execute(text("create schema s"))
        await c.execute(text("create table s.t (x text primary key)"))

    async def store() -> None:
        async with database.begin() as c:
            if way == "by the driver":
                await c.driver.execute("insert into t values ($1)", given)
            else:
                await c.execute(text("insert into t values (:x)"), {"x": given})

    answer = await answered(store)
    await database.close()
    assert (answer.status_code, answer.json()) == (422, REFUSED)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql+asyncpg://postgres:naast@127.0.0.1:9/postgres", "connection"),
        ("postgresql+asyncpg://nobody:wrong@{server}/postgres", "rights"),
        ("postgresql+asyncpg://{who}@{server}/nowhere", "missing"),
    ],
)
async def test_a_database_that_cannot_be_used_is_told_with_a_word_and_when_to_come_again(
    postgres_url: str, url: str, reason: str
) -> None:
    who, _, server = postgres_url.partition("//")[2].partition("/")[0].partition("@")
    database = Database(url.format(server=server, who=who), "s")

    async def read() -> None:
        async with database.read() as c:
            await c.execute(text("select 1"))

    answer = await answered(read)
    await database.close()
    assert (answer.status_code, answer.json()["reason"], answer.headers["Retry-After"]) == (503, reason, "5")


async def test_where_no_connection_is_free_nothing_is_a_server_error() -> None:
    async def read() -> None:
        raise PoolTimeout

    answer = await answered(read)
    assert (answer.status_code, answer.json()["reason"]) == (503, "crowded")


async def answered(work: object) -> httpx.Response:
    """What whoever asks is answered when this is what the answer takes."""
    app = an_app()
    app.add_api_route("/", work)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://naast") as client:
        return await client.get("/")
