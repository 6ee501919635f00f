"""Timers that are due, from the claim to the commit, among few and many that are not due yet.

The engine takes them away, reads their events and asks a service that finds nothing to do; beside it a followup that
finds a missed clock each time, and the drain of everything.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from services.house.serving import spare_the_collector
from tests.benchmarks.clocks import missed_per_second
from tests.benchmarks.stock import STEP, Stock

DUE, LIMIT, ROUNDS = 50_000, 1000, 3
AMONG = {"1e4": 10_000, "1e5": 100_000, "1e6": 1_000_000}
_LATER = timedelta(days=1)


@dataclass(frozen=True)
class Timers:
    """Fires per second of one database: of each size all rounds; the full drain; with a decision on each."""

    name: str
    fires: dict[str, tuple[float, ...]]
    drained: float
    decided: float

    def rate(self, size: str) -> float:
        return median(self.fires[size])


async def measure(name: str, new_url: Callable[[], str], say: Callable[[str], None]) -> Timers:
    """new_url: the url of an empty database."""
    spare_the_collector()  # as every service does
    stocks: dict[str, Stock] = {}
    for size, count in AMONG.items():
        stocks[size] = await Stock.open(new_url())
        await stocks[size].hold(count, stocks[size].clock.now() + _LATER)
        say(f"timers: {name} holds {count:,}")
    fires: dict[str, list[float]] = {size: [] for size in AMONG}
    for number in range(ROUNDS):
        for size, stock in stocks.items():
            await _let_some_be_due(stock)
            fires[size].append(DUE / await stock.fire(DUE, LIMIT))
            say(f"timers: {name}, round {number + 1} of {ROUNDS}, among {size}: {fires[size][-1]:,.0f}/s")
    biggest = stocks["1e6"]
    biggest.clock.move_to(biggest.clock.now() + _LATER * 2)
    drained = AMONG["1e6"] / await biggest.fire(AMONG["1e6"], LIMIT)
    say(f"timers: {name}, drain of 10^6: {drained:,.0f}/s")
    for stock in stocks.values():
        await stock.close()
    decided = await missed_per_second(new_url())
    say(f"timers: {name}, with a decision on each: {decided:,.0f}/s")
    return Timers(name, {size: tuple(rates) for size, rates in fires.items()}, drained, decided)


async def _let_some_be_due(stock: Stock) -> None:
    """They are set and committed a while before they are due, as timers are."""
    last = await stock.hold(DUE, stock.clock.now() + STEP)
    await asyncio.sleep(0.5)
    stock.clock.move_to(last)


def sqlite_urls(folder: Path) -> Callable[[], str]:
    """Urls of new files in a folder."""
    numbers = iter(range(100))
    return lambda: f"sqlite:///{folder / f'timers{next(numbers)}.sqlite'}"
