"""What stands on the broker: one exchange for events, and one quorum queue per service that holds all of what it hears.

Every service declares everything, so that nothing is unroutable for a service that starts later. Where a deployment
brings its own definitions and a service may not declare, what is there is used as it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

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
#: A dead letter is only gone from its queue once it has arrived in the other.
_SAFE: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}
_EXCHANGE, _KEY = "x-dead-letter-exchange", "x-dead-letter-routing-key"

EVENTS = RabbitExchange("naast.events", type=ExchangeType.TOPIC, declare=False)
DEAD = "naast.dead"
#: Incident reports from outside. The routing key is the hospital, or the hospital, a point and the one system of it for
#: which an account hands in; the broker's topic permissions say whose it is.
REPORTS = "naast.reports"
#: Reports of a hospital whose settings are not in force; after a while each comes back to where it came from.
WAITING = RabbitExchange("naast.reports.waiting", type=ExchangeType.TOPIC, declare=False)
WAIT = timedelta(seconds=30)
#: By name; all of them durable.
EXCHANGES = {
    EVENTS.name: aio_pika.ExchangeType.TOPIC,
    REPORTS: aio_pika.ExchangeType.TOPIC,
    DEAD: aio_pika.ExchangeType.DIRECT,
    f"{REPORTS}.dead": aio_pika.ExchangeType.TOPIC,
    WAITING.name: aio_pika.ExchangeType.TOPIC,
}


class Queue(NamedTuple):
    """A durable quorum queue, and by which key it hangs on which exchange."""

    name: str
    exchange: str
    key: str
    arguments: dict[str, Any]


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


async def declare(url: str, counted: Iterable[str] = ()) -> dict[str, int]:
    """Makes what is missing on the broker, where this account may. Returns how many messages wait in each of these
    queues. Raises OSError or AMQPError while the broker is away.
    """
    connection = await aio_pika.connect(url, timeout=TIMEOUT)
    async with connection:
        with contextlib.suppress(ChannelAccessRefused):
            await _declare(await connection.channel())
        channel = await connection.channel()
        return {queue: await _length(channel, queue) for queue in counted}


async def _declare(channel: AbstractChannel) -> None:
    for name, kind in EXCHANGES.items():
        await channel.declare_exchange(name, kind, durable=True)
    for queue in queues():
        made = await channel.declare_queue(queue.name, durable=True, arguments=queue.arguments)
        await made.bind(queue.exchange, queue.key)


async def _length(channel: AbstractChannel, queue: str) -> int:
    found = await channel.declare_queue(queue, passive=True)
    return found.declaration_result.message_count or 0


def queues() -> list[Queue]:
    """Every queue that a deployment has. Where messages go that were delivered too often comes first."""
    heard = [_queue(name, EVENTS.name, to(name), {_EXCHANGE: DEAD, _KEY: name}) for name in SERVICES]
    graves = [Queue(dead_queue(name), DEAD, name, _KEPT) for name in SERVICES]
    # Without a routing key of its own a report keeps the one that it has, which only the broker vouches for.
    grave = dead_queue(REPORTS)
    reports = _queue(REPORTS, REPORTS, "#", {_EXCHANGE: grave})
    return [*graves, Queue(grave, grave, "#", _KEPT), *heard, reports, _waiting()]


def _queue(name: str, exchange: str, key: str, dead: dict[str, Any]) -> Queue:
    return Queue(name, exchange, key, _SAFE | dead | {"x-delivery-limit": DELIVERY_LIMIT})


def _waiting() -> Queue:
    milliseconds = int(WAIT.total_seconds() * 1000)
    return Queue(WAITING.name, WAITING.name, "#", _SAFE | {_EXCHANGE: REPORTS, "x-message-ttl": milliseconds})
