"""What a service cannot take yet: it came before an earlier one, or its hospital's settings are not in force.

It is kept in the order of its subject and goes on by itself: behind an earlier one that comes at last, when its gap is
older than the limit, or when the settings can be used.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Select, and_, func, select

from shared import log
from shared.clock import Clock
from shared.db import Database, Transaction
from shared.engine.held import Held
from shared.engine.outgoing import BATCH, Outgoing
from shared.engine.sparing import alone
from shared.engine.store import Store
from shared.engine.tables import SUBJECT
from shared.engine.world import Key, Protocol
from shared.hospital import Hospital, NotInForce, out_of_force
from shared.metrics import Metrics, known_publisher
from shared.passing import is_passing
from shared.sweep import Sweeper

_logger = log.logger("engine")


class Parked(Outgoing):
    """The parked messages of one service."""

    def __init__(
        self,
        protocol: Protocol,
        database: Database,
        store: Store,
        clock: Clock,
        hospital: Callable[[str], Hospital],
        metrics: Metrics,
    ) -> None:
        super().__init__(protocol.name, database, store, clock)
        self.protocol, self.hospital, self.metrics = protocol, hospital, metrics
        self.held = Held(protocol.name, database, clock, metrics)
        #: What keeps its tables, and the keys, from growing for ever.
        self.sweepers: Sequence[Sweeper] = ()
        #: Called when the settings of a hospital are in force again, before what waited for them goes on.
        self.returned: Callable[[], Awaitable[object]] | None = None
        #: Hospitals of which something may be ready to go on, and whether what an earlier process left is among it.
        self._watched: set[str] = set()
        self._looked = False

    def out_of_force(self, hospital: str) -> NotInForce | None:
        """Why what is asked of a hospital must wait; None: it need not, or there is no such hospital."""
        return out_of_force(self.hospital, hospital)

    def watch(self, hospitals: Iterable[str]) -> None:
        """Something of these hospitals waits although nothing before it is missing; `take_up` looks after it."""
        self._watched |= set(hospitals)

    async def take_up(self) -> int:
        """What waited for its hospital's settings goes on, if they are in force by now. Returns how many subjects."""
        if not self._looked:
            async with self.database.read() as c:
                self._watched |= await self._hospitals(c)
            self._looked = True
        back = {hospital for hospital in self._watched if not self.out_of_force(hospital)}
        if not back:
            return 0
        if self.returned is not None:
            await self.returned()
        async with self.database.read() as c:
            keys = await self._keys(c, self._ready(back))
        self._watched -= back
        whole = False
        try:
            whole = await self._take_each(keys, False) and len(keys) < BATCH
        finally:
            self._watched |= set() if whole else back
        return len(keys)

    async def sweep(self) -> int:
        """One small step of those who sweep. Returns how many rows went."""
        return 0 if await self.held.holds() else sum([await one.step() for one in self.sweepers])

    async def pass_gaps(self) -> int:
        """Passes gaps older than the limit, so that what was parked behind them goes on. Returns how many; each is an
        alert. None while the clock is not believed.
        """
        if await self.held.holds():
            return 0
        limit = self.clock.now() - self.protocol.gap_limit
        async with self.database.read() as c:
            settled = {one for one in await self._hospitals(c, limit) if not self.out_of_force(one)}
            keys = await self._keys(c, self._behind_gaps(settled, limit)) if settled else []
        for key in keys:
            self.metrics.gap_passed(self.name, key.kind)
            _logger.error("gap_passed", service=self.name, publisher=known_publisher(key.kind))
        await self._take_each(keys, True)
        return len(keys)

    async def _take_each(self, keys: Sequence[Key], gaps: bool) -> bool:
        """All at once; if something is wrong with one message, the first of each subject, and only the culprit is set
        aside. Whether all were taken.
        """
        try:
            if keys:
                await self.take_parked(keys, gaps)
            return True
        except Exception as error:
            if is_passing(error):
                raise
        self.watch(key.hospital for key in keys)
        for key in keys:
            await alone(partial(self._take_first, gaps), key)
        return False

    async def _take_first(self, gaps: bool, keys: Sequence[Key], doomed: str) -> None:
        await self.take_parked(keys, gaps, one_by_one=True, doomed=doomed)

    @abstractmethod
    async def take_parked(self, keys: Sequence[Key], gaps: bool, *, one_by_one: bool = False, doomed: str = "") -> None:
        """Takes what is parked of these subjects, in one transaction. gaps: also beyond a gap. one_by_one: of each the
        first message alone. doomed: why it is set aside.
        """

    async def _hospitals(self, c: Transaction, before: datetime | None = None) -> set[str]:
        parked = self.store.t.parked
        query = select(parked.c.hospital).distinct()
        return set((await c.execute(query.where(parked.c.at < before) if before else query)).scalars())

    async def _keys(self, c: Transaction, query: Select[tuple[str, str, str]]) -> list[Key]:
        return [Key._make(row) for row in await c.execute(query.distinct().limit(BATCH))]

    def _behind_gaps(self, hospitals: set[str], before: datetime) -> Select[tuple[str, str, str]]:
        parked = self.store.t.parked
        subjects = select(parked.c.publisher, parked.c.hospital, parked.c.subject)
        return subjects.where(parked.c.hospital.in_(hospitals), parked.c.at < before)

    def _ready(self, hospitals: set[str]) -> Select[tuple[str, str, str]]:
        """Subjects of which the next message is parked, or one that was passed."""
        parked, heard = self.store.t.parked, self.store.t.heard
        same = and_(*(parked.c[name] == heard.c[name] for name in SUBJECT))
        subjects = select(parked.c.publisher, parked.c.hospital, parked.c.subject).outerjoin(heard, same)
        is_next = parked.c.sequence <= func.coalesce(heard.c.sequence, 0) + 1
        return subjects.where(parked.c.hospital.in_(hospitals), is_next)
