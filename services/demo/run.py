"""Runs the year: opens a house, lets the agenda and the house's own clocks take turns, counts, and shows."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from services.cli import credentials
from services.demo.agenda import Agenda
from services.demo.hospital_year import Call, HospitalYear
from services.demo.people import Town
from services.demo.reckoning import Reckoning, reckon
from services.house.embedded import House, open_house
from services.house.parts import SHORTEST
from services.intake.doors.mail.notices import Letterbox
from shared import private
from shared.clock import SimulatedClock
from shared.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
_START = datetime(2025, 1, 1, tzinfo=UTC)
_END = datetime(2026, 1, 15, tzinfo=UTC)


@dataclass(frozen=True)
class DemoOptions:
    """seed: the same seed gives the same year. keep: where to leave the year to explore; None: nowhere.

    progress is called with the share of the year that has passed (0..1).
    """

    seed: int = 1
    keep: Path | None = None
    progress: Callable[[float], None] = lambda share: None


async def live_a_year(options: DemoOptions) -> Reckoning:
    """The year, and what came of it."""
    started = time.monotonic()
    if options.keep is not None:
        private.folder(options.keep)
        return await _run(options, options.keep, started)
    with tempfile.TemporaryDirectory(prefix="naast-demo-") as folder:
        return await _run(options, Path(folder), started)


async def _run(options: DemoOptions, home: Path, started: float) -> Reckoning:
    clock, box = SimulatedClock(_START), Letterbox()
    settings = Settings(
        home=home, hospitals=EXAMPLES, secret=SecretStr(f"demo-{options.seed}".ljust(SHORTEST, "-")), durable=False
    )
    async with open_house(settings, clock=clock, seed=options.seed, tools={"post": box}) as house:
        town = Town(clock.now, Agenda(), random.Random(options.seed + 1), _browser(house))
        years = [
            await _move_in(house, folder, town)
            for folder in sorted(EXAMPLES.glob("*/"))
            if (folder / "hospital.toml").exists()
        ]
        await _live(house, clock, town, years, box, options.progress)
        _leave(home, clock.now(), settings)
        return await reckon(house, years, clock.now(), (clock.now() - _START).days, time.monotonic() - started)


async def _move_in(house: House, folder: Path, town: Town) -> HospitalYear:
    access = house.common.access
    feed = _caller(house, folder.name, await access.make_key(folder.name, "feed"))
    key = await access.make_key(folder.name, "coordinator")
    credentials.keep(house.common.settings.home, folder.name, key)
    coordinate = _caller(house, folder.name, key)
    year = HospitalYear(folder, town, feed, coordinate)
    await year.begin()
    await house.settle()
    return year


def _leave(home: Path, now: datetime, settings: Settings) -> None:
    """What it takes to explore the year later: its secret, and the moment at which its time stands still."""
    private.write(home / "clock", now.isoformat())
    private.write(home / "secret", settings.secret.get_secret_value() if settings.secret else "")


async def _live(
    house: House,
    clock: SimulatedClock,
    town: Town,
    years: list[HospitalYear],
    box: Letterbox,
    progress: Callable[[float], None],
) -> None:
    """Jumps from one due moment to the next: the house's clocks and letters, or the people's deeds."""
    people = {mail: person for year in years for mail, person in year.people.items()}
    while True:
        moments = [at for at in (await house.bus.next_due(), town.agenda.next_at) if at is not None]
        if not moments or min(moments) > _END:
            break
        clock.move_to(min(moments))
        progress(min(1.0, (clock.now() - _START) / (_END - _START)))
        while deed := town.agenda.due(clock.now()):
            await deed()
        await house.settle()
        for letter in box.take():
            await people[letter.to].receive(letter)


def _caller(house: House, hospital: str, key: str) -> Call:
    async def call(method: str, path: str, body: Any, kind: str) -> tuple[int, Any]:
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": kind or "application/json"}
        response = await house.client.request(
            method, f"/v1/hospitals/{hospital}/{path}", content=content, headers=headers
        )
        return response.status_code, response.json() if response.content else {}

    return call


def _browser(house: House) -> Callable[..., Any]:
    async def browse(method: str, path: str, form: dict[str, str]) -> tuple[int, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = await house.client.request(method, path, content=urlencode(form).encode(), headers=headers)
        return response.status_code, response.text

    return browse
