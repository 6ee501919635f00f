"""The people and feeds of the benchmark: reports go in, whoever is asked says yes at once."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterable
from typing import Any, Self

from tests.benchmarks.system import System

#: Case by case, this is how long one waits for what never comes.
_PATIENCE = 60.0
_SENDERS = 16
_runs = itertools.count(1)


class Load:
    """Drives one system; a context manager, so that only one load listens at a time."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.run = f"run{next(_runs)}-{random.randrange(10**6)}"
        self.matched = 0
        self._more = asyncio.Event()
        self._accepting: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self.system.listeners.append(self._hear)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.system.listeners.remove(self._hear)

    def _hear(self, name: str, data: dict[str, Any]) -> None:
        if name == "supporter_asked":
            task = asyncio.create_task(self.system.accept(data["case"], data["supporter"]))
            self._accepting.add(task)
            task.add_done_callback(self._accepted)
        elif name == "supporter_matched":
            self.matched += 1
            self._more.set()

    def _accepted(self, task: asyncio.Task[None]) -> None:
        self._accepting.discard(task)
        task.result()

    async def closed(self, count: int, window: int) -> float:
        """Cases per second with at most `window` between report and match; until followup runs all their clocks."""
        before, numbers, sent = await self.system.running(), iter(range(count)), 0
        begun = time.perf_counter()

        async def send() -> None:
            nonlocal sent
            for number in numbers:
                while sent - self.matched >= window:
                    self._more.clear()
                    await self._more.wait()
                sent += 1
                await self.system.report(number, self.run)

        await asyncio.gather(*(send() for _ in range(_SENDERS)))
        while self.matched < count:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), _PATIENCE)
        while await self.system.running() < before + count:
            _in_time(begun)
            await asyncio.sleep(0.02)
        return count / (time.perf_counter() - begun)

    async def one_by_one(self, count: int) -> list[float]:
        """Seconds from handing in a report to its contact clock running, one case at a time."""
        return await self._timed(range(count), alone=True)

    async def at_rate(self, count: int, per_second: float) -> list[float]:
        """The same with reports that come at random moments, whatever has become of the ones before."""
        return await self._timed(range(count), alone=False, rate=per_second)

    async def _timed(self, numbers: Iterable[int], *, alone: bool, rate: float = 1.0) -> list[float]:
        reports: dict[str, str] = {}
        ended: dict[str, float] = {}
        begun: dict[str, float] = {}
        arrived = asyncio.Event()

        def offered(name: str, data: dict[str, Any]) -> None:
            if name == "support_offered":
                cases = [one["case"] for one in data["colleagues"]] if "colleagues" in data else [data["case"]]
                reports.update(dict.fromkeys(cases, data["report"]))

        def started(case: str) -> None:
            ended.setdefault(case, time.perf_counter())
            arrived.set()

        self.system.listeners.append(offered)
        await self.system.watch(started)
        try:
            chance, due, senders = random.Random(7), time.perf_counter(), []
            for number in numbers:
                due += chance.expovariate(rate)
                if not alone:
                    await asyncio.sleep(due - time.perf_counter())
                    senders.append(asyncio.create_task(self._send(number, begun)))
                    continue
                await self._send(number, begun)
                while len(ended) < len(begun):
                    arrived.clear()
                    await asyncio.wait_for(arrived.wait(), _PATIENCE)
                await asyncio.sleep(0.01)
            await asyncio.gather(*senders)
            while len(ended) < len(begun):
                arrived.clear()
                await asyncio.wait_for(arrived.wait(), _PATIENCE)
        finally:
            await self.system.unwatch()
            self.system.listeners.remove(offered)
        return [at - begun[reports[case]] for case, at in ended.items()]

    async def _send(self, number: int, begun: dict[str, float]) -> None:
        at = time.perf_counter()
        begun[await self.system.report(number, self.run)] = at


def _in_time(begun: float) -> None:
    if time.perf_counter() - begun > _PATIENCE * 3:
        raise TimeoutError("the load does not come through")
