"""One replica of one service on RabbitMQ: takes what others said, publishes what it says.

A message is acknowledged once its effects are committed. A message that was delivered before is handled apart from all
others, and the second time event by event: if it kills the process, it is soon known which one it is.
"""

from __future__ import annotations

import asyncio
import logging
import time

from aio_pika import DeliveryMode, IncomingMessage, Message
from aiormq.exceptions import ChannelPreconditionFailed, PublishError
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from yarl import URL

from shared import log
from shared.bus import apart, topology
from shared.bus.accounts import AnybodyMaySpeak, Speakers
from shared.bus.delivery import deliveries
from shared.bus.inbox import Inbox
from shared.bus.letters import Carrier
from shared.bus.level import Levels
from shared.bus.loops import Loop, in_time, run_beside
from shared.bus.net import Net
from shared.bus.outbox import Envelope, Outbox
from shared.bus.patience import Handler, given_back_later, never_given_back, patiently
from shared.bus.reports import Reports
from shared.bus.steady import told
from shared.clock import Clock
from shared.crashpoint import crashpoint
from shared.engine.engine import BUS, Engine, Parcel
from shared.messages import Event, Unreadable, read_all
from shared.metrics import Metrics
from shared.passing import trouble
from shared.service import Door

#: Messages ahead. Under load each holds many events, and what waits here takes memory.
_PREFETCH = 40
_HEARTBEAT = 10
_CONNECT = 30.0
#: Seconds for each step of the way out; four steps, and all within the half minute that orchestrators give.
_GRACE = 7.0
_LOOK_AGAIN = 30.0
#: Seconds for a message that is published to see whether one can be.
_TRIAL = 1.0
_logger = log.logger("bus.rabbit")


class RabbitBus:
    """Moves events between the broker and one service's engine, fires its timers and hands out its letters."""

    def __init__(
        self,
        engine: Engine,
        url: str,
        clock: Clock,
        metrics: Metrics,
        carrier: Carrier | None = None,
        door: Door | None = None,
        is_private: bool = False,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.metrics = metrics
        self._url = str(URL(url).update_query(heartbeat=str(_HEARTBEAT)))
        self._door = door
        takes_reports = door is not None
        self._speakers = Speakers(self._url, engine.name, metrics, is_private=is_private, takes_reports=takes_reports)
        self._inbox = Inbox(engine)
        self._outbox = Outbox(engine, self._send)
        self._net = Net(engine, self._send, carrier)
        self._broker = self._make_broker()
        self._levels = Levels(engine, self._broker, self._speakers.account)
        self._reads = self._readers()
        self._subscribe()
        self._tasks: list[asyncio.Task[None]] = []
        self._connected = False
        #: Why it is not connected, in one word.
        self._away = "connection"
        #: Whether the last publish is not confirmed.
        self._unheard = False
        self._look_again = 0.0
        engine.publish = self._accept

    # -- its life

    async def start(self) -> None:
        """Connects and consumes. A broker that is away is no error: `run` goes on trying. Raises AnybodyMaySpeak."""
        self._speakers.begin()
        works = (self._inbox.run, self._outbox.run, self._outbox.sweep)
        self._tasks = [asyncio.create_task(work()) for work in works]
        await self._connect()

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps the net and the connection until `stop` is set."""
        await run_beside((*self._net.loops.values(), Loop(self._look), Loop(self._levels.turn)), stop, _GRACE)

    async def _look(self) -> float:
        if time.monotonic() > self._look_again:
            await self._connect()
        return 1.0

    async def settle(self) -> None:
        """Deals with everything that is due now."""
        await self._net.settle()

    async def trouble(self) -> str:
        """In one word why the broker takes nothing from this service now; nothing when it does."""
        if not self._connected:
            return self._away
        try:
            async with asyncio.timeout(_TRIAL):
                key = topology.nobody(self.engine.name)
                await self._broker.publish(b"", exchange=topology.EVENTS, routing_key=key, mandatory=False)
        except TimeoutError:
            return "blocked" if await self._broker.ping(timeout=_TRIAL / 10) else self._away
        except Exception as error:
            return trouble(error) or "unforeseen"
        return ""

    async def stop(self) -> None:
        """Takes nothing new, finishes what it has, and goes."""
        await in_time(
            _GRACE, asyncio.gather(*(each.stop() for each in self._broker.subscribers), return_exceptions=True)
        )
        await in_time(_GRACE, asyncio.gather(self._outbox.flushed(), self._net.close()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.engine.stop()
        await in_time(_GRACE, self._broker.stop())

    async def _connect(self) -> None:
        """Makes what is missing on the broker, now and then also what somebody took away; consumers then come back."""
        try:
            async with asyncio.timeout(_CONNECT):
                for queue, count in (await topology.declare(self._url, self._graves())).items():
                    self.metrics.dead_ends.labels(self.engine.name, queue).set(count)
                if not self._connected:
                    await self._speakers.look()
                    await self._consume()
            self._look_again, self._away = time.monotonic() + _LOOK_AGAIN, "connection"
        except AnybodyMaySpeak:
            raise
        except Exception as error:
            self._away = trouble(error) or "unforeseen"
            if trouble(error):
                self.metrics.waited(self.engine.name, self._away)
            else:
                told(self.metrics, self.engine.name, "connect", error)
            _logger.warning("broker_away", service=self.engine.name, reason=self._away, error=type(error).__name__)

    async def _consume(self) -> None:
        for each in self._broker.subscribers:
            # A delivery may come before FastStream calls itself running, and would never be acknowledged.
            each.running = True
        try:
            await self._broker.start()
            self._connected = True
        finally:
            if not self._connected:
                await in_time(_GRACE, self._broker.stop())

    def _make_broker(self) -> RabbitBroker:
        return RabbitBroker(
            self._url,
            timeout=topology.TIMEOUT,
            reconnect_interval=1,
            graceful_timeout=_GRACE / 2,
            app_id=self.engine.name,
            default_channel=Channel(publisher_confirms=True, on_return_raises=True),
            logger=logging.getLogger("naast.bus.faststream"),
            log_level=logging.DEBUG,
            # No typed handler and no Context parameter: each costs a thread hop per message.
            apply_types=False,
            decoder=_as_it_came,
        )

    def _subscribe(self) -> None:
        for name, handler in self._reads.items():
            queue, channel = RabbitQueue(name, declare=False), Channel(prefetch_count=_PREFETCH)
            policy = AckPolicy.NACK_ON_ERROR
            self._broker.subscriber(queue, channel=channel, ack_policy=policy, no_reply=True)(handler)

    def _readers(self) -> dict[str, Handler]:
        """Who reads which queue: what it is for, and what was delivered too often."""
        read = {self.engine.name: (self._hear, self._bury)}
        if self._door is not None:
            reports = Reports(self.engine, self._door, self._broker)
            read[topology.REPORTS] = reports.receive, reports.bury
        found = {name: given_back_later(self.engine, take) for name, (take, _) in read.items()}
        return found | {topology.dead_queue(n): never_given_back(self.engine, bury) for n, (_, bury) in read.items()}

    def _graves(self) -> list[str]:
        return [name for name in self._reads if topology.dead_queue(name) not in self._reads]

    # -- in

    async def _hear(self, message: IncomingMessage) -> None:
        publisher = (message.routing_key or "").partition(".")[0]
        if message.routing_key == topology.level(publisher):
            return await self._levels.hear(message.body, publisher, message.user_id)
        events = await self._readable(message, publisher)
        times = deliveries(message)
        for part in [[event] for event in events] if times > 1 else [events]:
            if part:
                await self._inbox.take(part, alone=times > 0)
        crashpoint("before_ack")

    async def _bury(self, message: IncomingMessage) -> None:
        """Delivered too often: each event becomes a dead letter, unless it was heard after all."""
        events = await self._readable(message, None)
        if events:
            await patiently(self.engine, lambda: self.engine.set_aside(events, "delivery_limit"))

    async def _readable(self, message: IncomingMessage, publisher: str | None) -> list[Event]:
        """The events of a message. What cannot be read is rejected, and so is what this publisher may not say."""
        events: list[Event] = []
        reasons: list[str] = []
        for found in read_all(message.body):
            if isinstance(found, Unreadable):
                reasons.append(found.reason)
            elif publisher not in (None, found.publisher):
                reasons.append("foreign_publisher")
            elif not self._speakers.account.lets(message.user_id, found.publisher):
                reasons.append("foreign_account")
            else:
                events.append(found)
        if reasons:
            await patiently(self.engine, lambda: self.engine.reject(message.body, reasons))
        return events

    # -- out

    async def _accept(self, parcels: list[Parcel]) -> None:
        self._outbox.add(parcel for parcel in parcels if parcel.row[2] == BUS)
        self._net.carry([parcel for parcel in parcels if parcel.row[2] == "mail"])

    async def _send(self, envelope: Envelope) -> None:
        # What was not confirmed in time is still on its way: it is not sent again before something comes through.
        if (self._unheard or not self._connected) and await self.trouble():
            raise ConnectionError("the broker takes nothing")
        message, key, mandatory = self._message(envelope), envelope.kinds[0], bool(envelope.hearers)
        try:
            async with asyncio.timeout(topology.TIMEOUT):
                await self._broker.publish(message, exchange=topology.EVENTS, routing_key=key, mandatory=mandatory)
        except ChannelPreconditionFailed:
            await apart.publish(self._url, self.engine.name, message, key, mandatory)
        except (PublishError, TimeoutError) as error:
            self._unheard = isinstance(error, TimeoutError)
            self._look_again = 0.0  # perhaps its queues are gone
            raise
        self._unheard = False
        self.metrics.published(self.engine.name, len(envelope.parcels))

    def _message(self, envelope: Envelope) -> Message:
        return Message(
            envelope.body,
            content_type=envelope.content_type,
            headers={"CC": [*envelope.kinds[1:], *map(topology.to, envelope.hearers)]},
            message_id=envelope.id,
            app_id=self.engine.name,
            user_id=self._speakers.account.name or None,
            delivery_mode=DeliveryMode.PERSISTENT,
        )


async def _as_it_came(message: StreamMessage[IncomingMessage]) -> IncomingMessage:
    return message.raw_message
