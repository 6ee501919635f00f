"""Brings a service's schema up to date: one Alembic history per service, in
`<package>/migrations/versions/NNNN_title.py`.

The number is the revision, so that the newest one is known without loading Alembic. While a deployment is upgraded,
older processes meet a newer schema. A migration says whether they may go on, and the database keeps from which number.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError

from shared.db import Database

if TYPE_CHECKING:
    from alembic.operations.ops import DowngradeOps, UpgradeOps


class NewerSchema(Exception):
    """The database was migrated by a newer version, with which this one cannot work. Its text is a sentence."""


def newest(package: str) -> str:
    """The number of the newest migration, such as "0003"."""
    return max(path.name[:4] for path in _folder(package).joinpath("versions").glob("[0-9]*.py"))


async def current(database: Database) -> str | None:
    """The number up to which this database was migrated; None when it is new."""
    try:
        async with database.read() as c:
            found: str | None = (await c.execute(text("select version_num from alembic_version"))).scalar_one_or_none()
            return found
    except DBAPIError:
        return None


async def upgrade(database: Database, package: str, metadata: MetaData) -> bool:
    """Migrates to the newest version. Returns whether anything had to be done. Raises NewerSchema."""
    now, mine = await current(database), newest(package)
    if now == mine:
        return False
    if now is not None and now > mine:
        if await _oldest(database) <= mine:
            return False
        whose = package.rpartition(".")[2]
        raise NewerSchema(
            f"The database of {whose} is at {now}, and this version of naast knows it up to {mine}. Start the "
            "version that migrated it, or restore the backup from before."
        )
    async with database.alter() as c:
        if not database.is_sqlite:
            # Those that start together take turns, with the schema as well: two that make it at once collide.
            await c.execute(text("select pg_advisory_xact_lock(hashtext(:schema))"), {"schema": database.schema})
            await c.execute(text(f'create schema if not exists "{database.schema}"'))
        await c.run_sync(_run, package, metadata, "head")
    return True


async def _oldest(database: Database) -> str:
    """The newest migration that a process must know to work with this database."""
    async with database.read() as c:
        return str((await c.execute(text(f"select number from {OLDEST}"))).scalar_one())


def _run(connection: Connection, package: str, metadata: MetaData, target: str) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(_folder(package)), version_locations=[str(_folder(package) / "versions")])
    config = Config()
    config.set_main_option("script_location", str(_folder(package)))
    with EnvironmentContext(
        config, script, fn=lambda revision, _: script._upgrade_revs(target, revision)
    ) as environment:
        environment.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
        environment.run_migrations()
    connection.execute(text(f"create table if not exists {OLDEST} (number varchar not null)"))
    connection.execute(text(f"delete from {OLDEST}"))
    oldest = next(one.revision for one in script.walk_revisions() if not one.module.OLDER_CODE_MAY_GO_ON)
    connection.execute(text(f"insert into {OLDEST} values (:number)"), {"number": oldest})


def differences(connection: Connection, metadata: MetaData) -> list[object]:
    """What a migrated database lacks compared with the code; empty when the history is complete."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    return list(compare_metadata(MigrationContext.configure(connection, opts=_COMPARED), metadata))


async def draft(database: Database, package: str, metadata: MetaData, title: str) -> Path | None:
    """Writes the next migration of a package, for a reader to look through; None when nothing has changed."""
    folder = _folder(package) / "versions"
    before = max((path.name[:4] for path in folder.glob("[0-9]*.py")), default=None)
    if before:
        await upgrade(database, package, metadata)
    async with database.alter() as c:
        body = await c.run_sync(_compare, metadata)
    if not body[0].strip():
        return None
    if before is None:
        body = _with_sequences(body, metadata)
    number = f"{int(before or 0) + 1:04}"
    path = folder / f"{number}_{title.replace(' ', '_').lower()}.py"
    path.write_text(
        _TEMPLATE.format(
            title=title[:1].upper() + title[1:], number=number, before=repr(before), upgrade=body[0], downgrade=body[1]
        )
    )
    return path


def _compare(connection: Connection, metadata: MetaData) -> tuple[str, str]:
    from alembic.autogenerate import produce_migrations
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts=_COMPARED)
    found = produce_migrations(context, metadata)
    ups, downs = found.upgrade_ops, found.downgrade_ops
    assert ups is not None
    assert downs is not None
    if ups.is_empty():
        return "", ""
    return _rendered(ups), _rendered(downs)


def _rendered(operations: UpgradeOps | DowngradeOps) -> str:
    """The body of a migration, without the remarks that Alembic puts around it."""
    from alembic.autogenerate import render_python_code

    lines = render_python_code(operations, render_as_batch=False).splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#")).strip()
    return text.replace("sqlmodel.sql.sqltypes.AutoString()", "sa.String()")


def _with_sequences(body: tuple[str, str], metadata: MetaData) -> tuple[str, str]:
    """Alembic does not look at sequences, and SQLite has none: the first migration makes them on PostgreSQL."""
    ups, downs = body
    for name in sorted(metadata._sequences):
        ups += _ON_POSTGRESQL.format(act="Create", name=name)
        downs += _ON_POSTGRESQL.format(act="Drop", name=name)
    return ups, downs


def _folder(package: str) -> Path:
    return Path(str(files(package))) / "migrations"


#: The table that says which code may work with the others.
OLDEST = "alembic_oldest"


def _is_ours(name: str | None, kind: str, _: Any) -> bool:
    return kind != "table" or name != OLDEST


_COMPARED: dict[str, Any] = {"compare_type": True, "include_name": _is_ours}
_ON_POSTGRESQL = """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.{act}Sequence(sa.Sequence("{name}")))"""
_TEMPLATE = '''"""{title}."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "{number}"
down_revision = {before}
branch_labels = None
depends_on = None
#: Whether a process that does not know this migration can work with what it leaves, as when it only adds something.
OLDER_CODE_MAY_GO_ON = False


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''
