"""On PostgreSQL as well nothing joins an erased case and the colleague, also not after a restored backup."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from tests.journeys.erasing import GONE, STAFF, Known, begin, erase, live, seen
from tests.journeys.staff import write_hospital
from tests.journeys.town import open_town

_TABLES = """
select table_schema, table_name from information_schema.tables
 where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
"""


async def joined(url: str, case: Known) -> set[tuple[str, str]]:
    """The tables with a row that joins the case and the colleague."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        found = set()
        for schema, table in await connection.fetch(_TABLES):
            rows = await connection.fetch(f'select row_to_json(t)::text from "{schema}"."{table}" t')
            found |= {(schema, table) for (row,) in rows if case.joins(row)}
        return found
    finally:
        await connection.close()


async def copy(url: str) -> str:
    """A database with the same content, as a backup is once it has been restored."""
    server_url, _, name = url.rpartition("/")
    connection = await asyncpg.connect(f"{server_url.replace('+asyncpg', '')}/postgres")
    try:
        await connection.execute(f'create database "{name}_restored" template "{name}"')
    finally:
        await connection.close()
    return f"{server_url}/{name}_restored"


async def test_nothing_joins_an_erased_case_and_the_colleague(postgres_url: str, tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospitals", staff=STAFF)
    url = postgres_url
    async with open_town(tmp_path, database_url=url) as town:
        keys, case = await begin(town)
        await live(town, keys, case)
        assert {("intake", "link"), ("access", "access_key"), ("intake", "parked")} <= await joined(url, case)
    restored = await copy(url)
    async with open_town(tmp_path, clock=town.clock, database_url=url) as town:
        await erase(town, case)
        assert await joined(url, case) == set()
    async with open_town(tmp_path, clock=town.clock, database_url=restored) as again:
        assert await seen(again, case) == GONE
        assert await joined(restored, case) == set()
