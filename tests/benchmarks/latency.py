"""How long one case takes from the report to the first clock: four hops, alone and among a hundred a second."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.load import Load
from tests.benchmarks.system import System

ALONE, AMONG, RATE = 100, 500, 100.0


@dataclass(frozen=True)
class Latency:
    """Milliseconds of one system. The figures at a rate are None where the system does not reach that rate."""

    name: str
    one_p50: float
    one_p99: float
    at100_p50: float | None = None
    at100_p99: float | None = None


async def measure(system: System, say: Callable[[str], None], *, reaches: float) -> Latency:
    """reaches: cases per second that this system can do; what comes faster than that would only queue up."""
    async with Load(system) as load:
        await load.one_by_one(ALONE // 5)
    async with Load(system) as load:
        alone = await load.one_by_one(ALONE)
    await system.quiet()
    say(f"latency: {system.name}, one at a time: {_share(alone, 0.5):.1f} ms")
    if reaches < RATE * 1.1:
        return Latency(system.name, _share(alone, 0.5), _share(alone, 0.99))
    async with Load(system) as load:
        among = await load.at_rate(AMONG, RATE)
    await system.quiet()
    say(f"latency: {system.name}, at {RATE:.0f} a second: {_share(among, 0.5):.1f} ms")
    return Latency(system.name, _share(alone, 0.5), _share(alone, 0.99), _share(among, 0.5), _share(among, 0.99))


def _share(seconds: list[float], share: float) -> float:
    """The milliseconds within which this share of the cases was done."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000
