"""What the tests stand on: the servers keep what they confirmed, whatever ends them."""

import asyncio
from collections.abc import Callable

import aio_pika
import asyncpg
import pytest

from tests.effort import PATIENCE
from tests.servers import PostgreSQL, RabbitMQ, Server


async def declare(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("kept", durable=True, arguments={"x-queue-type": "quorum"})


async def put(url: str, body: bytes) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, "kept")


async def take(url: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue("kept")
        message = await queue.get(timeout=PATIENCE)
        await message.ack()
        return message.body


async def sql(url: str, statement: str) -> list[object]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return [row[0] for row in await connection.fetch(statement)]
    finally:
        await connection.close()


@pytest.mark.parametrize("end", [Server.stop, Server.kill], ids=["stop", "kill"])
async def test_rabbitmq_keeps_a_quorum_message_over_a_restart(
    rabbit_server: RabbitMQ, end: Callable[[Server], None]
) -> None:
    amqp_url = rabbit_server.fresh()
    await declare(amqp_url)
    await asyncio.sleep(RabbitMQ.SETTLE_SECONDS)
    await put(amqp_url, b"still here")
    end(rabbit_server)
    assert not rabbit_server.ready()
    rabbit_server.start()
    assert await take(amqp_url) == b"still here"


@pytest.mark.parametrize("end", [Server.stop, Server.kill], ids=["stop", "kill"])
async def test_postgresql_keeps_a_row_over_a_restart(
    postgres_server: PostgreSQL, end: Callable[[Server], None]
) -> None:
    postgres_url = postgres_server.fresh()
    await sql(postgres_url, "create table kept as select 'still here' as word")
    end(postgres_server)
    assert not postgres_server.ready()
    postgres_server.start()
    assert await sql(postgres_url, "select word from kept") == ["still here"]


async def test_postgresql_waits_for_the_disk(postgres_server: PostgreSQL) -> None:
    assert await sql(postgres_server.fresh(), "show fsync") == ["on"]


async def test_every_test_has_a_virtual_host_and_a_database_of_its_own(fresh_place: Callable[[str], str]) -> None:
    await declare(fresh_place("rabbitmq"))
    with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
        await take(fresh_place("rabbitmq"))
    await sql(fresh_place("postgresql"), "create table kept (word text)")
    with pytest.raises(asyncpg.UndefinedTableError):
        await sql(fresh_place("postgresql"), "select word from kept")
