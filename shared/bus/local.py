"""All services in one process. An event is delivered once its publisher has committed it, and its pending row goes away
once its subscriber has committed too; whatever is in between when the process ends is delivered at the next start.

One subscriber that cannot commit delays only itself, and whatever goes wrong in one piece of work ends no other.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from shared import log
from shared.bus.lateness import measure
from shared.bus.letters import Carrier, Letters
from shared.bus.level import HELD, PACE, level
from shared.bus.loops import Loop, run_beside
from shared.bus.steady import Steady, told
from shared.clock import Clock
from shared.crashpoint import crashpoint
from shared.engine.engine import BATCH, Engine, Parcel, PendingRow
from shared.engine.level import Mark, RollCall
from shared.metrics import Metrics
from shared.passing import is_passing

_KILLED_TWICE = 2
_BACK_OFF = timedelta(seconds=5)
#: Seconds between two looks at what is due: the most, and the least.
_POLL, _SHORTEST = 1.0, 0.05
#: Seconds that a piece of work may still take when the house is to close.
_GRACE = 7.0
_NEVER = datetime.max.replace(tzinfo=UTC)
_logger = log.logger("bus.local")


class LocalBus:
    """Moves events between the engines of one process, fires their timers and hands out their letters."""

    def __init__(
        self, engines: Mapping[str, Engine], clock: Clock, metrics: Metrics, carrier: Carrier | None = None
    ) -> None:
        self.engines = engines
        self.clock = clock
        self.metrics = metrics
        self._inbox: dict[str, deque[Parcel]] = {name: deque() for name in engines}
        self._letters = {name: Letters(engine, carrier) for name, engine in engines.items() if carrier is not None}
        #: Services some of whose letters are due.
        self._mail_due: set[str] = set()
        self._done: dict[str, list[PendingRow]] = {name: [] for name in engines}
        #: What was on its way when the process ended: (publisher, destination).
        self._left: list[tuple[Engine, str]] = []
        self._not_before: dict[str, datetime] = {}
        self._roll_calls = {name: RollCall(engine) for name, engine in engines.items()}
        #: Pages that wait until what was said before them is heard.
        self._said: dict[str, deque[dict[str, list[Mark]]]] = {name: deque() for name in engines}
        self._steady = Steady(clock, metrics)
        self._moving = asyncio.Lock()
        self._mover, self._postman = Loop(self._move_on), Loop(self._carry_on)
        for engine in engines.values():
            engine.publish = self._accept

    async def start(self) -> None:
        """Delivers what was on its way when the process ended, before anything new."""
        self._left = [
            (publisher, destination)
            for publisher in self.engines.values()
            for destination in self.engines
            if destination != publisher.name and destination in publisher.destinations
        ]
        await self.settle()

    async def settle(self) -> None:
        """Works until nothing is due now, letters too. Rows of what was delivered may stay a while, for a new start
        knows them; not when something waits for it to be erased.
        """
        while await self._round() | await self._carry():
            pass
        if sum(map(len, self._done.values())) > BATCH or any(one.leaving for one in self.engines.values()):
            await self._clear()

    async def close(self) -> None:
        """Leaves nothing behind that the next start would have to look at."""
        await self._clear()
        for letters in self._letters.values():
            await letters.close()

    async def run(self, stop: asyncio.Event) -> None:
        """Works on the wall clock until `stop` is set. What is delivered and fired waits for no letter."""
        await run_beside(
            (self._mover, self._postman, Loop(self._look_after), Loop(self._bring_all_level)), stop, _GRACE
        )

    async def _move_on(self) -> float:
        while await self._round():
            pass
        await self._clear()
        for name in self.engines:
            self.metrics.net_ran(name, "timers")
        return await self._pause()

    async def _carry_on(self) -> float:
        while await self._carry():
            self._mover.wake()
        for name in self._letters:
            self.metrics.net_ran(name, "letters")
        return _POLL

    async def _look_after(self) -> float:
        for engine in self.engines.values():
            await self._unless_away(engine, "gaps", engine.pass_gaps)
            await self._unless_away(engine, "measure", partial(measure, engine))
            await self._unless_away(engine, "sweep", engine.sweep)
        return _POLL

    async def _bring_all_level(self) -> float:
        for engine in self.engines.values():
            await self._unless_away(engine, "level", partial(self._bring_level, engine))
        return PACE

    async def _bring_level(self, publisher: Engine) -> int:
        """What one service said and another does not have, as after a restored backup of one of them."""
        held, hearers = self._said[publisher.name], set(self.engines)
        held.append(await self._roll_calls[publisher.name].page())
        if len(held) <= HELD:
            return 0
        marks = {name: said for name, said in held.popleft().items() if name in hearers}
        return sum([await level(publisher, self.engines[name], said) for name, said in marks.items()])

    async def next_due(self) -> datetime | None:
        """The next moment at which a timer or letter is due, and the work that it asks for does not pause."""
        found = [await self._due(engine) for engine in self.engines.values()]
        return min((due for due in found if due is not None and due != _NEVER), default=None)

    async def _due(self, engine: Engine) -> datetime | None:
        due = engine.quiet_until or await engine.next_due()
        pauses = [self._not_before.get(engine.name), self._steady.pauses_until(engine.name, "fire", "letters")]
        waits = [until for until in pauses if until is not None and until > self.clock.now()]
        return due and max(due, *waits) if waits else due

    async def _accept(self, parcels: list[Parcel]) -> None:
        for parcel in parcels:
            if parcel.row[2] != "mail":
                self._inbox[parcel.row[2]].append(parcel)
            elif parcel.event.publisher in self._letters:
                self._letters[parcel.event.publisher].add([parcel])
                self._postman.wake()
        events = {parcel.row[1]: parcel.event.publisher for parcel in parcels if parcel.row[2] != "mail"}
        for publisher, count in Counter(events.values()).items():
            self.metrics.published(publisher, count)
        self._mover.wake()

    async def _round(self) -> bool:
        """Whether there was anything to deliver or to fire."""
        busy = False
        async with self._moving:
            for publisher, destination in tuple(self._left):
                left = partial(self._deliver_left_over, publisher, destination)
                busy |= await self._unless_away(self.engines[destination], "left_over", left)
            for engine in self.engines.values():
                busy |= await self._unless_away(engine, "take_up", engine.take_up)
                busy |= await self._unless_away(engine, "deliver", partial(self._deliver, engine))
                busy |= await self._unless_away(engine, "fire", partial(self._fire, engine))
        return busy

    async def _unless_away(self, engine: Engine, work: str, job: Callable[[], Awaitable[int]]) -> bool:
        """Whether there was anything to do. While a database does not answer, only its own service waits; work that
        raises anything else pauses alone.
        """
        now = self.clock.now()
        if self._not_before.get(engine.name, now) > now:
            return False
        try:
            return bool(await self._steady.do(engine.name, work, job))
        except Exception as error:
            _logger.warning("service_waits", service=engine.name, error=type(error).__name__)
            self._not_before[engine.name] = now + _BACK_OFF
            return False

    async def _deliver(self, engine: Engine) -> int:
        inbox = self._inbox[engine.name]
        batch = [inbox[i] for i in range(min(len(inbox), engine.at_once))]
        if not batch:
            return 0
        await engine.handle([parcel.event for parcel in batch])
        for parcel in batch:
            inbox.popleft()
            self._done[parcel.event.publisher].append(parcel.row)
        crashpoint("after_publish_before_delete")
        return len(batch)

    async def _fire(self, engine: Engine) -> int:
        now = self.clock.now()
        if engine.quiet_until is not None and engine.quiet_until > now:
            return 0
        fired = await engine.fire(engine.at_once)
        if fired < engine.at_once:
            await self._look_ahead(engine)
        return fired

    async def _look_ahead(self, engine: Engine) -> None:
        """Remembers until when nothing is due, so that the database is not asked at every turn. Letters that are due
        are left to those who carry them, and they forget it again.
        """
        due = await engine.next_due()
        if due is not None and due <= self.clock.now() and engine.name in self._letters:
            self._mail_due.add(engine.name)
            self._postman.wake()
            due = await engine.next_due(engine.name)
        engine.quiet_until = due or _NEVER

    async def _carry(self) -> bool:
        """Whether there were letters. One that cannot be tried now stays pending, and becomes due again."""
        busy = False
        for name, letters in self._letters.items():
            engine, due = self.engines[name], name in self._mail_due
            if not (due or letters.fresh):
                continue
            self._mail_due.discard(name)
            busy |= await self._unless_away(engine, "letters", letters.carry_fresh)
            if due:
                busy |= await self._unless_away(engine, "letters", letters.carry_due)
            engine.quiet_until = None
        return busy

    async def _clear(self) -> None:
        """Takes away the pending rows of what every subscriber has committed."""
        async with self._moving:
            for name, rows in self._done.items():
                engine = self.engines[name]
                while rows and await self._unless_away(engine, "forget", partial(self._forget, engine, rows)):
                    pass

    async def _forget(self, engine: Engine, rows: list[PendingRow]) -> int:
        gone = rows[:BATCH]
        await engine.delivered(gone)
        del rows[: len(gone)]
        return len(gone)

    async def _deliver_left_over(self, publisher: Engine, destination: str) -> int:
        """An attempt that ends the process is counted; one that only fails is not, and is made again."""
        left = await publisher.left_over(destination)
        try:
            await _deliver_again(publisher, self.engines[destination], left)
        except Exception:
            await publisher.forgive(destination)
            raise
        if left:
            await publisher.forgive(destination)
        self._left.remove((publisher, destination))
        return len(left)

    async def _pause(self) -> float:
        try:
            due = await self.next_due()
        except Exception as error:
            if not is_passing(error):
                told(self.metrics, next(iter(self.engines)), "pause", error)
            return _POLL
        waiting = (due - self.clock.now()).total_seconds() if due is not None else _POLL
        return max(_SHORTEST, min(_POLL, waiting))


async def _deliver_again(publisher: Engine, subscriber: Engine, left: list[tuple[Parcel, int]]) -> None:
    """What the process did not die of together; the rest one by one, so that it is known which it dies of."""
    for batch in _chunks([parcel for parcel, tried in left if not tried]):
        await _hand_over(publisher, subscriber, batch)
    for parcel, tried in left:
        if tried >= _KILLED_TWICE:
            await subscriber.set_aside([parcel.event], "killed_the_process")
            await publisher.delivered([parcel.row])
        elif tried:
            await _hand_over(publisher, subscriber, [parcel])


async def _hand_over(publisher: Engine, subscriber: Engine, batch: list[Parcel]) -> None:
    """Counted before, for what ends the process counts nothing any more; what only stood behind it is not counted."""
    await publisher.strike(batch, subscriber.name)
    await subscriber.handle([parcel.event for parcel in batch])
    await publisher.delivered([parcel.row for parcel in batch])


def _chunks(parcels: list[Parcel]) -> Iterable[list[Parcel]]:
    for start in range(0, len(parcels), BATCH):
        yield parcels[start : start + BATCH]
