"""On PostgreSQL as well nothing joins an erased case and the colleague, also not after a restored backup."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from shared.db import Database, create_schema
from shared.http import access
from shared.sweep import REWRITE
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


_FILES = """
select relname, pg_read_binary_file(pg_relation_filepath(c.oid)) from pg_class c
  join pg_namespace n on n.oid = relnamespace
 where relkind in ('r', 'i', 't') and nspname not in ('pg_catalog', 'information_schema')
"""


async def in_files(url: str, ref: str) -> set[str]:
    """The files of tables and indexes in which this stands, read as they are on disk."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute("checkpoint")
        return {name for name, content in await connection.fetch(_FILES) if ref.encode() in content}
    finally:
        await connection.close()


async def test_the_files_hold_nothing_of_what_was_erased(postgres_url: str, tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospitals", staff=STAFF)
    async with open_town(tmp_path, database_url=postgres_url) as town:
        keys, case = await begin(town)
        await live(town, keys, case)
        colleague = case.markers[-1]
        assert {"link", "journal", "access_key"} <= await in_files(postgres_url, colleague)
        await erase(town, case)
        for running in town.house.services.values():
            assert running.database.unclean
            for sweeper in running.engine.sweepers:
                town.clock.move_to(town.clock.now() + REWRITE)
                await sweeper.round()
            assert not running.database.unclean
        assert await in_files(postgres_url, colleague) == set()


async def test_a_table_in_use_is_written_anew_another_time(postgres_url: str) -> None:
    database = Database(postgres_url, "access")
    try:
        await create_schema(database, access.metadata)
        async with database.begin() as c:
            await c.rows("select id from audit for update")
            await database.rewrite(["audit", "access_key"])
            assert database.unclean
        await database.rewrite(["audit", "access_key"])
        assert not database.unclean
    finally:
        await database.close()


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
