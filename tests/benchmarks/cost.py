"""What one case costs a system: processor time of each process, and what its services take and ask of the database."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from tests.benchmarks.system import System

#: Servers by the names of their processes; they serve one system at a time.
SERVERS = {"postgres": "PostgreSQL", "beam.smp": "RabbitMQ"}
FEED = "feed"


@dataclass(frozen=True)
class Cost:
    """Per case. cpu_ms: processor time of each service, of the servers and of the feed. taken: messages that each
    service took; trips: its round trips to the database, where they are counted.
    """

    name: str
    cpu_ms: Mapping[str, float]
    taken: Mapping[str, float]
    trips: Mapping[str, float]


@dataclass(frozen=True)
class Reading:
    """What was used, taken and asked since the system started."""

    cpu: Mapping[str, float]
    taken: Mapping[str, float]
    trips: Mapping[str, float]

    @classmethod
    async def of(cls, system: System) -> "Reading":
        taken, trips = await system.counted()
        return cls({**system.fleet.cpu_seconds(), **_servers(), FEED: time.process_time()}, taken, trips)

    def cost(self, name: str, before: "Reading", cases: int) -> Cost:
        def each(now: Mapping[str, float], then: Mapping[str, float], unit: float = 1) -> dict[str, float]:
            return {one: (count - then.get(one, 0)) * unit / cases for one, count in now.items()}

        cpu = each(self.cpu, before.cpu, 1000)
        return Cost(name, cpu, each(self.taken, before.taken), each(self.trips, before.trips))


def _servers() -> dict[str, float]:
    """Processor seconds of the servers of this machine, with those of their processes that have ended."""
    used = dict.fromkeys(SERVERS.values(), 0.0)
    for process in psutil.process_iter(["name", "cpu_times"]):
        name, times = process.info["name"], process.info["cpu_times"]
        if name in SERVERS and times is not None:
            used[SERVERS[name]] += times.user + times.system + times.children_user + times.children_system
    return used
