"""What stands on the broker: one exchange for events, and one quorum queue per service that holds all of what it hears.

Every service declares everything, so that nothing is unroutable for a service that starts later. Where a deployment
brings its own definitions and a service may not declare, what is there is used as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused
from faststream.rabbit import ExchangeType, RabbitExchange

from shared.messages import SERVICES

#: Deliveries that end with the death of the process; after so many a message is set aside.
DELIVERY_LIMIT = 20
TIMEOUT = 5.0
#: Behind a queue of what was delivered too often there is nothing, so nothing in it is ever delivered too often.
_KEPT: dict[str, Any] = {"x-queue-type": "quorum", "x-delivery-limit": 2**31 - 1}

EVENTS = RabbitExchange("naast.events", type=ExchangeType.TOPIC, declare=False)
DEAD = "naast.dead"
#: Incident reports from outside; the routing key is the hospital, and the broker's topic permissions say whose it is.
REPORTS = "naast.reports"
#: Reports of a hospital whose settings are not in force; after a while each comes back to where it came from.
WAITING = RabbitExchange("naast.reports.waiting", type=ExchangeType.TOPIC, declare=False)
WAIT = timedelta(seconds=30)


def to(service: str) -> str:
    """The routing key of whatever this service hears, beside `<publisher>.<event>` for whoever listens from outside."""
    return f"to.{service}"


def nobody(service: str) -> str:
    """The routing key of what a service publishes to see whether it may; whoever listens to `<publisher>.<event>` does
    not hear it.
    """
    return f"{service}.ready.nobody"


def level(service: str) -> str:
    """The routing key by which a service tells how far it is; whoever listens to `<publisher>.*` does not hear it."""
    return f"{service}.level.told"


def dead_queue(queue: str) -> str:
    """Where messages of this queue go that were delivered too often."""
    return f"{queue}.dead"


async def declare(url: str) -> dict[str, int]:
    """Makes what is missing on the broker. Returns how many messages wait behind each queue because they were delivered
    too often. Raises OSError or AMQPError while the broker is away.
    """
    connection = await aio_pika.connect(url, timeout=TIMEOUT)
    async with connection:
        try:
            return await _declare(await connection.channel())
        except ChannelAccessRefused:
            return {}


async def _declare(channel: AbstractChannel) -> dict[str, int]:
    events = await channel.declare_exchange(EVENTS.name, aio_pika.ExchangeType.TOPIC, durable=True)
    reports = await channel.declare_exchange(REPORTS, aio_pika.ExchangeType.TOPIC, durable=True)
    dead = await channel.declare_exchange(DEAD, aio_pika.ExchangeType.DIRECT, durable=True)
    waiting = {}
    for queue in (*SERVICES, REPORTS):
        grave = await channel.declare_queue(dead_queue(queue), durable=True, arguments=_KEPT)
        await grave.bind(dead, queue)
        waiting[queue] = grave.declaration_result.message_count or 0
    for service in SERVICES:
        await _bind(channel, service, events, (to(service),))
    await _bind(channel, REPORTS, reports, ("#",))
    await _declare_waiting(channel)
    return waiting


async def _declare_waiting(channel: AbstractChannel) -> None:
    exchange = await channel.declare_exchange(WAITING.name, aio_pika.ExchangeType.TOPIC, durable=True)
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-message-ttl": int(WAIT.total_seconds() * 1000),
        # Without a routing key of its own a message keeps the one that it has: its hospital.
        "x-dead-letter-exchange": REPORTS,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    queue = await channel.declare_queue(WAITING.name, durable=True, arguments=arguments)
    await queue.bind(exchange, "#")


async def _bind(channel: AbstractChannel, name: str, exchange: Any, keys: Iterable[str]) -> None:
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-routing-key": name,
        # Both together: a dead letter is only gone from its queue once it has arrived in the other.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    queue = await channel.declare_queue(name, durable=True, arguments=arguments)
    for key in keys:
        await queue.bind(exchange, key)
