"""How services on the broker tell each other how far they are: how much was said, heard, and lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from faststream.rabbit import RabbitBroker
from pydantic import BaseModel, ConfigDict

from shared import log
from shared.bus import topology
from shared.bus.accounts import Account
from shared.bus.patience import patiently
from shared.bus.steady import told
from shared.engine.engine import Engine
from shared.engine.level import Mark, RollCall, compared, count_on, go_on_without, say_again
from shared.passing import trouble

#: Seconds between two pages.
PACE = 5.0
#: Pages that wait before one is sent: whatever was said until it was read has left before it, and stands before it in
#: the hearer's queue.
HELD = 2
_logger = log.logger("bus.level")


class Level(BaseModel):
    """What one service tells one other. said: how much it told him. heard, beyond: of what he told it has less, or
    more. lost: what cannot be told any more.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    by: str
    said: tuple[Mark, ...] = ()
    heard: tuple[Mark, ...] = ()
    beyond: tuple[Mark, ...] = ()
    lost: tuple[Mark, ...] = ()


class Levels:
    """Those of one replica of one service."""

    def __init__(self, engine: Engine, broker: RabbitBroker, account: Account) -> None:
        self.engine = engine
        self._broker = broker
        self._account = account
        self._roll_call = RollCall(engine)
        self._held: deque[dict[str, list[Mark]]] = deque()

    async def turn(self) -> float:
        """Reads a page and sends an earlier one. While something stands in the way the next turn tries."""
        try:
            self._held.append(await self._roll_call.page())
            if len(self._held) > HELD:
                for hearer, marks in self._held.popleft().items():
                    await self._say(hearer, said=marks)
        except Exception as error:
            if not trouble(error):
                told(self.engine.metrics, self.engine.name, "level", error)
            _logger.warning("not_told", service=self.engine.name, error=type(error).__name__)
        return PACE

    async def hear(self, body: bytes, publisher: str, sender: str | None) -> None:
        """Takes what another service tells; what cannot be read is rejected."""
        try:
            level = Level.model_validate_json(body)
        except ValueError:
            level = Level(by="")
        if reason := self._why_not(level, publisher, sender):
            await patiently(self.engine, lambda: self.engine.reject(body, [reason]))
            return
        await patiently(self.engine, lambda: self._take(level))

    def _why_not(self, level: Level, publisher: str, sender: str | None) -> str:
        if not level.by:
            return "wrong_shape"
        if level.by != publisher:
            return "foreign_publisher"
        return "" if self._account.lets(sender, publisher) else "foreign_account"

    async def _take(self, level: Level) -> None:
        if level.said:
            behind, beyond = await compared(self.engine, level.by, level.said)
            if behind or beyond:
                await self._say(level.by, heard=behind, beyond=beyond)
        if level.beyond:
            await count_on(self.engine, level.by, level.beyond)
        if level.heard and (lost := await say_again(self.engine, level.by, level.heard)):
            await self._say(level.by, lost=lost)
        if level.lost:
            await go_on_without(self.engine, level.by, level.lost)

    async def _say(self, to: str, **marks: Sequence[Mark]) -> None:
        body = Level.model_validate({"by": self.engine.name, **marks}).model_dump_json().encode()
        key = topology.level(self.engine.name)
        headers: dict[str, Any] = {"CC": [topology.to(to)]}
        me = self._account.name or None
        await self._broker.publish(body, exchange=topology.EVENTS, routing_key=key, headers=headers, user_id=me)


async def level(publisher: Engine, hearer: Engine, said: Sequence[Mark]) -> int:
    """Both in one process. Returns of how many subjects the hearer had not heard as much as was said."""
    behind, beyond = await compared(hearer, publisher.name, said)
    if beyond:
        await count_on(publisher, hearer.name, beyond)
    if behind and (lost := await say_again(publisher, hearer.name, behind)):
        await go_on_without(hearer, publisher.name, lost)
    return len(behind)
