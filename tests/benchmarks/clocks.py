"""Timers on which a service decides: the clocks of cases for which nobody was found."""

import tempfile
import time
from datetime import timedelta
from pathlib import Path

from services.followup.app import SERVICE
from shared.clock import SimulatedClock
from shared.db import Database, create_schema
from shared.engine.engine import BATCH, Engine
from shared.engine.sql.choice import store_of
from shared.hospital import Hospitals
from shared.ids import Mint
from shared.messages import Event, intake
from shared.metrics import Metrics
from shared.testing import heard
from tests.benchmarks import hospitals
from tests.benchmarks.stock import START

CASES = 2000


async def missed_per_second(url: str) -> float:
    """Clocks per second that followup finds missed: each is told, becomes a task and a notice, and is journalled."""
    with tempfile.TemporaryDirectory(prefix="naast-clocks-") as folder:
        hospitals.write_folders(Path(folder))
        known = Hospitals(Path(folder))
        database, clock = Database(url, "followup"), SimulatedClock(START)
        await create_schema(database, SERVICE.metadata)
        engine = Engine(
            SERVICE.protocol,
            database,
            store_of(
                SERVICE.metadata, SERVICE.states, database.is_sqlite, SERVICE.view.table if SERVICE.view else None
            ),
            clock=clock,
            mint=Mint(clock),
            hospital=lambda id: known[id],
            destinations=("amqp",),
            metrics=Metrics(),
            view=SERVICE.view,
        )
        for first in range(0, CASES, BATCH):
            await engine.handle([_offer(number) for number in range(first, first + BATCH)])
        clock.move_to(START + timedelta(days=30))
        begun, fired = time.perf_counter(), 0
        while taken := await engine.fire(BATCH):
            fired += taken
        seconds = time.perf_counter() - begun
        await database.close()
    return fired / seconds


def _offer(number: int) -> Event:
    colleague = intake.Colleague(case=f"c-{number}", colleague=f"p-{number}", profession="nurse", department="icu")
    offer = intake.SupportOffered(report=f"r-{number}", t0=START, event_types=("fall",), colleagues=(colleague,))
    hospital = hospitals.IDS[number % len(hospitals.IDS)]
    return heard(offer, hospital=hospital, id=f"offer-{number}", at=START)
