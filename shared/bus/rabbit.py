"""One replica of one service on RabbitMQ: takes what others said, publishes what it says.

A message is acknowledged once its effects are committed. A message that was delivered before is handled apart from all
others, and the second time event by event: if it kills the process, it is soon known which one it is.
"""

from __future__ import annotations

import asyncio
import logging
import time

from aio_pika import IncomingMessage
from aiormq.exceptions import PublishError
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from yarl import URL

from shared import log
from shared.bus import topology
from shared.bus.delivery import deliveries, first_routing_key, own
from shared.bus.inbox import Inbox
from shared.bus.letters import Carrier
from shared.bus.level import LEVEL, Levels
from shared.bus.loops import Loop, in_time, run_beside
from shared.bus.net import Net
from shared.bus.outbox import Envelope, Outbox
from shared.bus.patience import Handler, given_back_later, never_given_back, patiently
from shared.bus.steady import told
from shared.clock import Clock
from shared.crashpoint import crashpoint
from shared.engine.engine import BUS, Engine, Parcel
from shared.hospital import NotInForce
from shared.messages import Event, Unreadable, read_all
from shared.metrics import Metrics
from shared.passing import error_code, trouble
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
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.metrics = metrics
        self._url = str(URL(url).update_query(heartbeat=str(_HEARTBEAT)))
        self._door = door
        self._inbox = Inbox(engine)
        self._outbox = Outbox(engine, self._send)
        self._net = Net(engine, self._send, carrier)
        self._reads = self._readers()
        self._broker = self._make_broker()
        self._levels = Levels(engine, self._broker)
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
        """Connects and consumes. A broker that is away is no error: `run` goes on trying."""
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
                for queue, count in (await topology.declare(self._url)).items():
                    if topology.dead_queue(queue) in self._reads:
                        self.metrics.dead_ends.labels(self.engine.name, topology.dead_queue(queue)).set(count)
                if not self._connected:
                    await self._consume()
            self._look_again, self._away = time.monotonic() + _LOOK_AGAIN, "connection"
        except Exception as error:
            self._away = trouble(error) or "unforeseen"
            if not trouble(error):
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
        broker = RabbitBroker(
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
        for name, handler in self._reads.items():
            queue, channel = RabbitQueue(name, declare=False), Channel(prefetch_count=_PREFETCH)
            broker.subscriber(queue, channel=channel, ack_policy=AckPolicy.NACK_ON_ERROR, no_reply=True)(handler)
        return broker

    def _readers(self) -> dict[str, Handler]:
        """Who reads which queue: what it is for, and what was delivered too often."""
        read = {self.engine.name: (self._hear, self._bury)}
        if self._door is not None:
            read[topology.REPORTS] = self._receive, self._bury_report
        found = {name: given_back_later(self.engine, take) for name, (take, _) in read.items()}
        return found | {topology.dead_queue(n): never_given_back(self.engine, bury) for n, (_, bury) in read.items()}

    # -- in

    async def _hear(self, message: IncomingMessage) -> None:
        publisher = (message.routing_key or "").partition(".")[0]
        if message.type == LEVEL:
            return await self._levels.hear(message.body, publisher)
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

    async def _receive(self, message: IncomingMessage) -> None:
        """A report from outside. It is not kept here, so it waits on the broker for settings that are not in force."""
        while True:
            try:
                return await self._enter(message, message.routing_key or "")
            except NotInForce:
                if await self._put_aside(message):
                    return None
            await asyncio.sleep(topology.WAIT.total_seconds())

    async def _put_aside(self, message: IncomingMessage) -> bool:
        """Gives a report back to the broker, which brings it again after a while; False: it does not take it."""
        try:
            await self._broker.publish(
                message.body,
                exchange=topology.WAITING,
                routing_key=message.routing_key or "",
                content_type=message.content_type,
                headers=own(message.headers),
                persist=True,
                timeout=topology.TIMEOUT,
            )
        except Exception as error:
            _logger.warning("report_held", service=self.engine.name, error=type(error).__name__)
            return False
        return True

    async def _bury_report(self, message: IncomingMessage) -> None:
        """Delivered too often: whatever can be read of it is set aside; of the rest its hash is kept, and why."""
        try:
            await self._enter(message, first_routing_key(message), "delivery_limit")
        except NotInForce:
            raise  # it waits here until they are
        except Exception as error:
            reason = error_code(error)
            await patiently(self.engine, lambda: self.engine.reject(message.body, [reason]))

    async def _enter(self, message: IncomingMessage, hospital: str, doomed: str = "") -> None:
        """Through the door; raises what the door raises, but for what will pass."""
        assert self._door is not None
        enter = self._door
        headers = {name.lower(): str(value) for name, value in message.headers.items()}
        if message.content_type:
            headers["content-type"] = message.content_type
        await patiently(self.engine, lambda: enter(hospital, message.body, headers, doomed))

    async def _readable(self, message: IncomingMessage, publisher: str | None) -> list[Event]:
        """The events of a message. What cannot be read is rejected, and so is what this publisher may not say."""
        events: list[Event] = []
        reasons: list[str] = []
        for found in read_all(message.body):
            if isinstance(found, Unreadable):
                reasons.append(found.reason)
            elif publisher not in (None, found.publisher):
                reasons.append("foreign_publisher")
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
        try:
            async with asyncio.timeout(topology.TIMEOUT):
                await self._broker.publish(
                    envelope.body,
                    exchange=topology.EVENTS,
                    routing_key=envelope.kinds[0],
                    content_type=envelope.content_type,
                    headers={"CC": [*envelope.kinds[1:], *map(topology.to, envelope.hearers)]},
                    mandatory=bool(envelope.hearers),
                    message_id=envelope.id,
                    persist=True,
                )
        except (PublishError, TimeoutError) as error:
            self._unheard = isinstance(error, TimeoutError)
            self._look_again = 0.0  # perhaps its queues are gone
            raise
        self._unheard = False
        self.metrics.published(self.engine.name, envelope.count)


async def _as_it_came(message: StreamMessage[IncomingMessage]) -> IncomingMessage:
    return message.raw_message
