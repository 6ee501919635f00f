"""A database that was migrated is the one that the code describes, to the last index."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, MetaData, Table, text

from shared.db import Database, create_schema
from shared.messages import SERVICES
from shared.migrate import OLDEST, NewerSchema, current, differences, draft, newest, upgrade

#: The module with the tables of each package that has a history.
TABLES = {"shared": "shared.http.access"} | {f"services.{name}": f"services.{name}.tables" for name in SERVICES}

_ON_SQLITE = "select type, name, sql from sqlite_master where name not like '%alembic%' and name not like 'sqlite_%'"
_ON_POSTGRESQL = """
select 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default)
  from information_schema.columns where table_schema = current_schema and table_name not like 'alembic%'
union all
select 'index', indexname, replace(indexdef, schemaname || '.', '')
  from pg_indexes where schemaname = current_schema and tablename not like 'alembic%'
union all
select 'constraint', conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid)
  from pg_constraint where connamespace = current_schema::regnamespace and conrelid::regclass::text not like 'alembic%'
union all
select 'sequence', sequence_name, data_type
  from information_schema.sequences where sequence_schema = current_schema
"""


def tables_of(package: str) -> MetaData:
    metadata: MetaData = import_module(TABLES[package]).metadata
    return metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for two databases or schemas that go by the names "migrated" and "made"."""
    on_sqlite = request.param == "sqlite"
    return f"sqlite:///{tmp_path}/{{}}.sqlite" if on_sqlite else request.getfixturevalue("postgres_url")


@asynccontextmanager
async def opened(url: str, name: str) -> AsyncIterator[Database]:
    database = Database(url.format(name), name)
    try:
        yield database
    finally:
        await database.close()


async def described(database: Database) -> set[tuple[str, ...]]:
    """Every table, column, constraint, index and sequence, in the words of the database."""
    async with database.read() as c:
        found = await c.execute(text(_ON_SQLITE if database.is_sqlite else _ON_POSTGRESQL))
        return {(kind, name, *sorted(_parts(said))) for kind, name, said in found}


def _parts(said: str | None) -> list[str]:
    """The columns and constraints of a table of SQLite, which come in any order."""
    return [part.strip(" \n\t,)") for part in (said or "").split("\n")]


@pytest.mark.parametrize("package", TABLES)
async def test_a_migrated_database_is_the_one_that_the_code_describes(url: str, package: str) -> None:
    async with opened(url, "migrated") as migrated, opened(url, "made") as made:
        await upgrade(migrated, package, tables_of(package))
        await create_schema(made, tables_of(package))
        assert await described(migrated) == await described(made) != set()


@pytest.mark.parametrize("package", TABLES)
async def test_a_database_is_migrated_once(url: str, package: str) -> None:
    async with opened(url, "migrated") as database:
        done = [await upgrade(database, package, tables_of(package)) for _ in range(2)]
        assert (done, await current(database)) == ([True, False], newest(package))


@pytest.mark.parametrize("package", TABLES)
async def test_what_a_history_made_it_can_take_away(url: str, package: str) -> None:
    async with opened(url, "migrated") as database:
        await upgrade(database, package, tables_of(package))
        assert await described(database)
        async with database.begin() as c:
            await c.run_sync(_go_back, package)
        assert await described(database) == set()


@pytest.mark.parametrize("package", TABLES)
async def test_there_is_nothing_left_to_draft(tmp_path: Path, package: str) -> None:
    async with opened(f"sqlite:///{tmp_path}/x.sqlite", "x") as database:
        assert await draft(database, package, tables_of(package), "nothing") is None
        more = MetaData()
        for table in tables_of(package).tables.values():
            table.to_metadata(more)
        Table("forgotten", more, Column("id", Integer, primary_key=True))
        async with database.begin() as c:
            assert await c.run_sync(differences, tables_of(package)) == []
            [missing] = await c.run_sync(differences, more)
        assert str(missing).startswith("('add_table', Table('forgotten'")


@pytest.mark.parametrize("package", TABLES)
def test_every_migration_is_on_the_one_way_to_the_newest(package: str) -> None:
    numbers = [f"{n:04}" for n in range(1, int(newest(package)) + 1)]
    history = _history(package)
    assert [one.revision for one in history.walk_revisions()] == numbers[::-1]
    assert sorted(path.name[:4] for path in Path(history.versions).glob("[0-9]*.py")) == numbers


def _history(package: str) -> ScriptDirectory:
    folder = Path(str(files(package))) / "migrations"
    return ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])


def _go_back(connection: Connection, package: str) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        for one in _history(package).walk_revisions():
            one.module.downgrade()


@pytest.mark.parametrize("package", TABLES)
async def test_older_code_goes_on_with_a_newer_schema_when_it_may(url: str, package: str) -> None:
    async with opened(url, "migrated") as database:
        await upgrade(database, package, tables_of(package))
        await _as_if_migrated_by_a_newer_version(database, oldest=newest(package))
        assert await upgrade(database, package, tables_of(package)) is False


@pytest.mark.parametrize("package", TABLES)
async def test_older_code_says_in_a_sentence_that_it_cannot_go_on(url: str, package: str) -> None:
    async with opened(url, "migrated") as database:
        await upgrade(database, package, tables_of(package))
        await _as_if_migrated_by_a_newer_version(database, oldest="9999")
        with pytest.raises(NewerSchema, match=r"is at 9999, .* up to 0001\. Start the version that migrated it"):
            await upgrade(database, package, tables_of(package))


async def _as_if_migrated_by_a_newer_version(database: Database, oldest: str) -> None:
    async with database.begin() as c:
        await c.execute(text("update alembic_version set version_num = '9999'"))
        await c.execute(text(f"update {OLDEST} set number = :number"), {"number": oldest})
