"""Servers that are there and do not do their work: nothing is lost, nothing is doubled, and each says what is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import pytest
import pytest_asyncio
from aio_pika.exceptions import AMQPError

from shared.bus import topology
from shared.messages import SERVICES
from tests.attacks.surroundings import GRAVES, until_all_say, waiting
from tests.effort import PATIENCE, effort
from tests.live import ward
from tests.live.counted import Deployment
from tests.servers import RabbitMQ

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def nothing_is_lost_doubled_or_silent(deployment: Deployment) -> AsyncIterator[None]:
    """After each test, counted from outside."""
    yield
    await deployment.replicas.ready()
    assert await deployment.differences() == {}
    assert await waiting(deployment, *GRAVES) == dict.fromkeys(GRAVES, 0)


async def send(at: Deployment, count: int) -> None:
    """Hands over reports by the broker, each once the broker has it."""
    async with await aio_pika.connect(at.amqp_url) as connection:
        reports = await (await connection.channel()).get_exchange(topology.REPORTS)
        for _ in range(count):
            number = len(at.ledger.accepted) + 1
            body = json.dumps(ward.calamity(number)).encode()
            message = aio_pika.Message(body, content_type="application/cloudevents+json", delivery_mode=2)
            await reports.publish(message, ward.HOSPITAL)
            at.ledger.accepted.add(number)


async def until_counted(at: Deployment, service: str, reason: str, times: int) -> None:
    """Returns once a service has counted so many attempts that this stood in the way of."""
    async with asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(_counted, at, service, reason) < times:  # noqa: ASYNC110 - it looks from outside
            await asyncio.sleep(0.2)


def _counted(at: Deployment, service: str, reason: str) -> float:
    figures = urllib.request.Request(f"{at.replicas.of[service].address}/metrics")
    figures.add_header("Authorization", f"Bearer {at.keys['ops']}")
    with urllib.request.urlopen(figures, timeout=10) as response:
        lines = response.read().decode().splitlines()
    name = f'naast_waits_total{{reason="{reason}",service="{service}"}} '
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


# -- the database


@asynccontextmanager
async def owner(at: Deployment, database: str = "") -> AsyncIterator[asyncpg.Connection]:
    """Whoever owns the server, in this database of it or in the deployment's."""
    url = at.database_url.replace("+asyncpg", "")
    connection = await asyncpg.connect(url.rpartition("/")[0] + f"/{database}" if database else url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_read_only_database_sends_nothing_to_a_dead_queue_and_nothing_to_dead_letters(
    deployment: Deployment,
) -> None:
    async with owner(deployment) as server:
        await server.execute("alter system set default_transaction_read_only = on")
        await server.execute("select pg_reload_conf()")
        await send(deployment, 3)
        await until_all_say(deployment, "database", "read_only")
        await until_counted(deployment, "intake", "read_only", 3)
        assert await waiting(deployment, *GRAVES) == dict.fromkeys(GRAVES, 0)
        await server.execute("alter system reset default_transaction_read_only")
        await server.execute("select pg_reload_conf()")


async def test_a_password_that_is_being_changed_is_waited_for(deployment: Deployment) -> None:
    async with owner(deployment) as server:
        await server.execute("alter role postgres nologin")
        await server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and usename is not null"
        )
        await send(deployment, 2)
        await until_all_say(deployment, "database", "rights")
        await server.execute("alter role postgres login")


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system that is soon full; skips where none can be made."""
    folder = Path(tempfile.mkdtemp(prefix="naast-small-"))
    folder.chmod(0o755)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    try:
        if made.returncode:
            pytest.skip("no small file system can be mounted here")
        yield folder
    finally:
        if not made.returncode:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


async def test_a_full_disk_is_waited_for(deployment: Deployment) -> None:
    with small_disk(96) as disk:
        async with owner(deployment, "postgres") as server:
            if not await _can_be_used(server, disk):
                pytest.skip("the server does not see the files of this machine")
            name = deployment.database_url.rpartition("/")[2]
            place = disk / "space"
            await server.execute(f"create tablespace small location '{place}'")
            await _move(server, name, "small")
            try:
                async with owner(deployment) as filler:
                    await _fill(filler)
                    await send(deployment, 6)
                    await until_counted(deployment, "intake", "full", 2)
                    assert await waiting(deployment, *GRAVES) == dict.fromkeys(GRAVES, 0)
                    await filler.execute("drop table public.filler")
                await deployment.replicas.ready()
                assert await deployment.differences() == {}
            finally:
                await _move(server, name, "pg_default")
                await server.execute("drop tablespace small")


async def _can_be_used(server: asyncpg.Connection, disk: Path) -> bool:
    """Makes a folder in it that is the server's own, where the server runs on this machine."""
    return await asyncio.to_thread(_given_over, Path(await server.fetchval("show data_directory")), disk)


def _given_over(data: Path, disk: Path) -> bool:
    if not data.exists():
        return False
    (disk / "space").mkdir(mode=0o700)
    with suppress(PermissionError):
        os.chown(disk / "space", data.stat().st_uid, data.stat().st_gid)
        return True
    return False


async def _move(server: asyncpg.Connection, database: str, space: str) -> None:
    """The database as a whole, which nobody may use meanwhile."""
    async with asyncio.timeout(PATIENCE):
        await server.execute(f"alter database {database} allow_connections off")
        while True:
            await server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", database)
            try:
                await server.execute(f"alter database {database} set tablespace {space}")
                break
            except asyncpg.ObjectInUseError:
                await asyncio.sleep(0.1)
        await server.execute(f"alter database {database} allow_connections on")


async def _fill(connection: asyncpg.Connection) -> None:
    """Until nothing more fits, not even a page."""
    await connection.execute("create table public.filler (x text) with (autovacuum_enabled = off)")
    await connection.execute("alter table public.filler alter x set storage plain")
    for rows in (1000, 100, 10, 1):
        with suppress(asyncpg.DiskFullError):
            while True:
                await connection.execute(
                    "insert into public.filler select repeat('x', 8000) from generate_series(1, $1)", rows
                )


# -- the broker


def vhost(at: Deployment) -> str:
    return urlsplit(at.amqp_url).path.removeprefix("/")


async def test_an_alarm_of_the_broker_is_waited_for_and_told(deployment: Deployment, rabbit_server: RabbitMQ) -> None:
    await asyncio.to_thread(rabbit_server.control, "set_vm_memory_high_watermark", "0.00001")
    try:
        await deployment.feed(3)
        await until_all_say(deployment, "bus", "blocked")
        await until_counted(deployment, "intake", "no_answer", 1)  # what it says is not sent over and over
    finally:
        await asyncio.to_thread(rabbit_server.control, "set_vm_memory_high_watermark", "0.6")


async def test_rights_that_are_revoked_are_waited_for_and_told(deployment: Deployment, rabbit_server: RabbitMQ) -> None:
    where = ("-p", vhost(deployment))
    await asyncio.to_thread(rabbit_server.control, "clear_permissions", *where, "naast")
    try:
        await asyncio.to_thread(rabbit_server.control, "close_all_connections", *where, "rights are revoked")
        await deployment.feed(3)
        await until_all_say(deployment, "bus", "rights", "connection")
    finally:
        await asyncio.to_thread(rabbit_server.control, "set_permissions", *where, "naast", ".*", ".*", ".*")


@pytest.mark.parametrize("service", ("matching", "intake", "followup", "training")[: effort(1, len(SERVICES))])
async def test_what_is_said_while_a_queue_is_deleted_comes_back(deployment: Deployment, service: str) -> None:
    await deployment.differences()  # so that nothing stands in it
    async with await aio_pika.connect(deployment.amqp_url) as connection:
        await (await connection.channel()).queue_delete(service)
    await deployment.feed(2)


async def test_a_queue_of_other_arguments_is_told_and_costs_nothing(deployment: Deployment) -> None:
    await deployment.differences()  # so that nothing stands in it
    async with await aio_pika.connect(deployment.amqp_url) as connection:
        channel = await connection.channel()
        await channel.queue_delete("training")
        other = await channel.declare_queue("training", durable=True, arguments={"x-queue-type": "classic"})
        await other.bind(topology.EVENTS.name, topology.to("training"))
        await deployment.feed(2)
        await until_counted(deployment, "intake", "arguments", 1)
        await channel.queue_delete("training")


async def test_whoever_sends_a_report_over_the_maximum_is_told(deployment: Deployment, rabbit_server: RabbitMQ) -> None:
    await _limit(rabbit_server, ("-p", vhost(deployment)), SMALL)
    try:
        async with await aio_pika.connect(deployment.amqp_url) as connection:
            reports = await (await connection.channel()).get_exchange(topology.REPORTS)
            with pytest.raises(AMQPError):
                await reports.publish(aio_pika.Message(b"x" * 1000), ward.HOSPITAL)
    finally:
        await _limit(rabbit_server, ("-p", vhost(deployment)), LARGE)


#: Bytes: less than a report or what follows from it, and what the broker takes by itself.
SMALL, LARGE = "900", "134217728"


async def _limit(server: RabbitMQ, where: tuple[str, ...], size: str) -> None:
    """The largest message in bytes, for channels that are opened from now on."""
    set_it = f"application:set_env(rabbit, max_message_size, {size}), persistent_term:put(max_message_size, {size})."
    await asyncio.to_thread(server.control, "eval", set_it)
    await asyncio.to_thread(server.control, "close_all_connections", *where, "another limit")
