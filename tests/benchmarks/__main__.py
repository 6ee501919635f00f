"""python -m tests.benchmarks [--json] [pipeline|latency|timers|memory|matching ...]: all where none is named."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from rich.console import Console

from tests import servers
from tests.benchmarks import latency, matching, memory, pipeline, tables, timers
from tests.benchmarks.comparison import Comparison
from tests.benchmarks.cost import Cost
from tests.benchmarks.product import Product

PARTS = ("pipeline", "latency", "timers", "memory", "matching")
_talk = Console(stderr=True, highlight=False)
_begun = time.monotonic()


def say(text: str) -> None:
    _talk.print(f"{time.monotonic() - _begun:5.0f} s  {text}", style="dim")


class Bench:
    """The parts that were asked for, on servers of their own."""

    def __init__(self, parts: set[str], folder: Path) -> None:
        self.parts, self.folder = parts, folder
        self.speeds: list[pipeline.Speed] = []
        self.costs: list[Cost] = []
        self.latencies: list[latency.Latency] = []
        self.timers: list[timers.Timers] = []
        self.memory: dict[str, float] = {}
        self.matching: list[matching.Size] = []

    async def run(self) -> None:
        if "matching" in self.parts:
            self.matching = await matching.measure(say)
        if self.parts - {"matching"}:
            await self._run_on_servers()

    def found(self) -> tuple[Any, ...]:
        """What was measured, as the object of the tables takes it."""
        return self.speeds, self.costs, self.latencies, self.timers, self.memory, self.matching

    async def _run_on_servers(self) -> None:
        with servers.postgres() as postgres:
            if self.parts - {"timers", "matching"}:
                with servers.rabbitmq() as rabbit:
                    say("RabbitMQ and PostgreSQL run")
                    await self._load(rabbit, postgres)
            if "timers" in self.parts:
                self.timers.append(await timers.measure("PostgreSQL", postgres.fresh, say))
        if "timers" in self.parts:
            self.timers.append(await timers.measure("SQLite", timers.sqlite_urls(self.folder), say))
        if "memory" in self.parts:
            self.memory["embedded"] = await memory.embedded(self.folder / "embedded", say)

    async def _load(self, rabbit: servers.RabbitMQ, postgres: servers.PostgreSQL) -> None:
        """naast under load and, where the two are compared, the usual build beside it; whoever waits does nothing."""
        async with AsyncExitStack() as stack:
            naast = await stack.enter_async_context(Product(rabbit.fresh(), postgres.fresh(), self.folder / "naast"))
            say("naast runs in four processes")
            systems: list[Product | Comparison] = [naast]
            if self.parts & {"pipeline", "latency"}:
                usual = Comparison(rabbit.fresh(), postgres.fresh(), self.folder / "usual")
                systems.append(await stack.enter_async_context(usual))
                say("the usual build runs in four processes")
            self.speeds, self.costs = await pipeline.measure(list(systems), say)
            if "latency" in self.parts:
                reached = {speed.name: speed.best for speed in self.speeds}
                for system in systems:
                    self.latencies.append(await latency.measure(system, say, reaches=reached[system.name]))
            self.memory = naast.fleet.rss_mb() if "memory" in self.parts else {}
        if "pipeline" not in self.parts:
            self.speeds, self.costs = [], []


def asked_for(words: list[str] | None = None) -> argparse.Namespace:
    """What is typed after `./dev bench`."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []], help=", ".join(PARTS))
    parser.add_argument("--json", action="store_true", help="one object as the last line, instead of tables")
    return parser.parse_args(words)


def main() -> None:
    options = asked_for()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no server stays behind
    with tempfile.TemporaryDirectory(prefix="naast-bench-") as folder:
        bench = Bench(set(options.parts or PARTS), Path(folder))
        try:
            asyncio.run(bench.run())
        except servers.ServerMissing as missing:
            sys.exit(str(missing))
    if options.json:
        print(json.dumps(tables.as_object(*bench.found())))
        return
    out = Console(highlight=False)
    if bench.speeds:
        out.print(tables.pipeline(bench.speeds))
        out.print(tables.cost(bench.costs))
    if bench.latencies:
        out.print(tables.latency(bench.latencies))
    if bench.timers:
        out.print(tables.timers(bench.timers))
    if bench.memory:
        out.print(tables.memory(bench.memory))
    if bench.matching:
        out.print(tables.matching(bench.matching))


if __name__ == "__main__":
    main()
