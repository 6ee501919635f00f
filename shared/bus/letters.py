"""Letters in batches: those that are due together are looked up together and accounted for together.

What goes wrong with one is that letter's alone. It waits where its hospital's settings are not in force. Where its
sending raises what nobody foresaw it is put off, each time for longer, and after some tries it is set aside and told as
failed, so that a person can act.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from shared.bus.steady import told
from shared.crashpoint import crashpoint
from shared.engine.engine import LETTER_GRACE, Engine, Parcel
from shared.messages import Event, Letter, Message
from shared.passing import is_passing

#: Letters of one batch.
TOGETHER = 100
#: Seconds: a letter that was sent is known to be sent after so long, or it may be sent again after a crash.
_MOMENT = 0.1
#: Why a letter failed that could not be sent for a reason that nobody foresaw.
UNSENDABLE = "unsendable"

#: Sends one letter of a batch and gives the receipt; None: it could not be tried now, try again later.
Send = Callable[[Event], Awaitable[Message | None]]


class Carrier(Protocol):
    """Brings letters to their readers."""

    async def prepare(self, letters: Sequence[Event]) -> Send:
        """Looks up what a batch needs, all at once; gives what sends each letter of it."""

    async def close(self) -> None:
        """Lets go of whatever letters leave by."""


class Letters:
    """The letters of one service, one batch at a time."""

    def __init__(self, engine: Engine, carrier: Carrier) -> None:
        self._engine, self._carrier = engine, carrier
        #: Just committed by this process, which holds their lease.
        self._fresh: list[Parcel] = []
        self._sent: list[tuple[Parcel, Message]] = []
        self._turn = asyncio.Lock()

    def add(self, letters: Iterable[Parcel]) -> None:
        self._fresh += letters

    @property
    def fresh(self) -> bool:
        """Whether this process has letters that it just committed."""
        return bool(self._fresh)

    async def carry_fresh(self) -> int:
        """Carries letters that this process has just committed. Returns how many there were."""
        if await self._engine.held.holds():
            return 0
        async with self._turn:
            batch, self._fresh = self._fresh[:TOGETHER], self._fresh[TOGETHER:]
            await self._carry(batch)
            return len(batch)

    async def carry_due(self) -> int:
        """Carries letters that are due, whoever committed them. Returns how many there were."""
        if await self._engine.held.holds():
            return 0
        async with self._turn:
            due = await self._engine.next_due("mail")
            if due is None or due > self._engine.clock.now():
                return 0
            batch = await self._engine.lease_letters(TOGETHER)
            await self._carry(batch)
            return len(batch)

    async def close(self) -> None:
        await self._carrier.close()

    async def _carry(self, letters: Sequence[Parcel]) -> None:
        """What was sent is accounted for within a moment, however long the next letter takes."""
        ready = [one for one in letters if not self._engine.out_of_force(one.event.hospital)]
        if not ready:
            return
        sending = asyncio.create_task(self._send_all(ready))
        try:
            while not sending.done():
                await asyncio.wait((sending,), timeout=_MOMENT)
                await self._account()
            await sending
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await self._account()

    async def _account(self) -> None:
        sent, self._sent = self._sent, []
        for start in range(0, len(sent), self._engine.at_once):
            await self._engine.finish(sent[start : start + self._engine.at_once])

    async def _send_all(self, letters: Sequence[Parcel]) -> None:
        try:
            send = await self._carrier.prepare([one.event for one in letters])
        except Exception as error:
            await self._spare(letters, error)
            return
        for letter in letters:
            # A slow mail server may take half of the lease; so nobody else begins with the same letter meanwhile.
            if letter.row[0] > self._engine.clock.now() + LETTER_GRACE / 2:
                await self._send(send, letter)

    async def _spare(self, letters: Sequence[Parcel], error: Exception) -> None:
        """Something is wrong with one of them: each alone."""
        if len(letters) == 1:
            await self._failed(letters[0], error)
            return
        for letter in letters:
            await self._send_all([letter])

    async def _send(self, send: Send, letter: Parcel) -> None:
        try:
            receipt = await send(letter.event)
        except Exception as error:
            await self._failed(letter, error)
            return
        if receipt is not None:
            crashpoint("mail_after_send")
            self._sent.append((letter, receipt))

    async def _failed(self, letter: Parcel, error: Exception) -> None:
        """What passes is tried again for ever: at once when the database is back, later when it was never away."""
        engine, passes = self._engine, is_passing(error)
        if passes and not await engine.database.ping():
            raise error
        told(engine.metrics, engine.name, "letters", error)
        if await engine.put_off(letter, for_ever=passes):
            return
        assert isinstance(letter.event.data, Letter)
        receipt = letter.event.data.failed(UNSENDABLE)
        engine.metrics.notice(letter.event.hospital, "failed")
        await engine.finish([(letter, receipt)], given_up=f"{UNSENDABLE}_{type(error).__name__}")
