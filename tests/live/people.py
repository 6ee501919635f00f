"""People who all act at once, each on what is hers; and the diaries that they keep of what they were told is done."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

from tests.effort import PATIENCE
from tests.live.hospital import SUPPORTERS
from tests.live.play import Play


@dataclass
class People:
    """conversations: per case, those that were taken. accepted: which supporter (by number) has which case."""

    play: Play
    conversations: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    accepted: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._steps, self._asks = itertools.count(), itertools.count()

    async def act(self) -> int:
        """Everybody does what there is to do now. How many asks were answered."""
        answered = await asyncio.gather(*(self._answer_asks(number) for number in SUPPORTERS))
        await self._search_again()
        return sum(answered)

    async def _answer_asks(self, number: str) -> int:
        asks = (await self.play.get("asks", self.play.keys.by_number[number]))["asks"]
        for ask in asks:
            await self._answer(number, ask["case"])
        return len(asks)

    async def _answer(self, number: str, case: str) -> None:
        n = next(self._asks)
        answer = await self._twice(number, f"cases/{case}/ask/{'decline' if n % 6 == 5 else 'accept'}")
        if answer.status_code != 200:
            assert answer.json()["refused"]["rule"] in ("MATCH-8", "MATCH-9")  # withdrawn in the meantime
        elif n % 6 != 5:
            assert case not in self.accepted
            self.accepted[case] = number
            await self._support(number, case, talks=n % 5, closes=n % 4 != 3)

    async def _support(self, number: str, case: str, talks: int, closes: bool) -> None:
        await self._once_it_is_hers(number, f"cases/{case}/contact", {"reached": True})
        for _ in range(talks):
            held = await self._twice(number, f"cases/{case}/conversation", {"minutes": 30})
            self.conversations[case] += held.status_code == 200
            self.refused[case] += held.status_code == 409
        if closes:
            await self._twice(number, f"cases/{case}/close", {"ending": "completed"})

    async def _once_it_is_hers(self, number: str, path: str, body: Any) -> None:
        """followup hears a moment later who said yes."""
        async with asyncio.timeout(PATIENCE):
            while (await self._twice(number, path, body)).status_code == 404:  # noqa: ASYNC110 - it looks from outside
                await asyncio.sleep(0.1)

    async def _twice(self, number: str, path: str, body: Any = None) -> httpx.Response:
        """Sends it to two replicas at the same moment, as somebody who is impatient; there is one answer."""
        key, once = self.play.keys.by_number[number], f"step-{next(self._steps)}"
        both = await asyncio.gather(*(self.play.tell(path, key, body, once) for _ in range(2)))
        if 404 not in (both[0].status_code, both[1].status_code):
            assert (both[0].status_code, both[0].json()) == (both[1].status_code, both[1].json())
        return max(both, key=lambda one: one.status_code)

    async def _search_again(self) -> None:
        tasks = (await self.play.get("tasks"))["tasks"]
        waiting = [task["regarding"] for task in tasks if task["task"] == "find_supporter"]
        for case in waiting:
            await self.play.tell(f"cases/{case}/search", self.play.keys.coordinator)
