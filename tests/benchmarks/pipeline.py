"""Cases per second from the report to the first clock, beside the usual build on the same work, turn by turn."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.cost import Cost, Reading
from tests.benchmarks.load import Load
from tests.benchmarks.system import System

ROUNDS = 3
SMALL_WINDOW, BIG_WINDOW = 64, 1024
_SECONDS, _MOST_SECONDS = 5.0, 12.0
_WARM_UP = 40


@dataclass(frozen=True)
class Speed:
    """Cases per second of one system with few and with many cases on their way; the middle and all of the rounds."""

    name: str
    small: tuple[float, ...]
    big: tuple[float, ...]

    @property
    def best_small(self) -> float:
        """The middle of the rounds with few cases on their way."""
        return median(self.small)

    @property
    def best(self) -> float:
        """The middle of the rounds with many cases on their way."""
        return median(self.big)


async def measure(systems: list[System], say: Callable[[str], None]) -> tuple[list[Speed], list[Cost]]:
    """How fast they are, and what a case of the last round with many on their way cost.

    The systems take turns, so that a noisy moment harms them alike; between turns everything comes to rest.
    """
    rates = {system.name: await _warm_up(system, say) for system in systems}
    found: dict[tuple[str, int], list[float]] = {}
    costs: dict[str, Cost] = {}
    for number in range(ROUNDS):
        for window in (SMALL_WINDOW, BIG_WINDOW):
            for system in systems:
                count = _enough(rates[system.name], window)
                before = await Reading.of(system)
                async with Load(system) as load:
                    rate = await load.closed(count, window)
                await system.quiet()
                costs[system.name] = (await Reading.of(system)).cost(system.name, before, count)
                found.setdefault((system.name, window), []).append(rate)
                rates[system.name] = rate
                say(f"pipeline: round {number + 1} of {ROUNDS}, window {window}, {system.name}: {rate:.0f} cases/s")
    names = [system.name for system in systems]
    speeds = [Speed(name, tuple(found[name, SMALL_WINDOW]), tuple(found[name, BIG_WINDOW])) for name in names]
    return speeds, list(costs.values())


async def _warm_up(system: System, say: Callable[[str], None]) -> float:
    """Fills caches and plans; the cases per second of the second of two short rounds."""
    rate = 0.0
    for count in (_WARM_UP, 2 * _WARM_UP):
        async with Load(system) as load:
            rate = await load.closed(count, SMALL_WINDOW)
        await system.quiet()
    say(f"pipeline: {system.name} is warm")
    return rate


def _enough(rate: float, window: int) -> int:
    """How many cases keep a system of this speed busy for a few seconds, or longer where else no window fills."""
    return max(_WARM_UP, round(rate * _SECONDS), min(2 * window, round(rate * _MOST_SECONDS)))
