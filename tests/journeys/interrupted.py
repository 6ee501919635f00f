"""A day of an embedded house as a process of its own, which may be killed anywhere and then run again from the start.

`python -m tests.journeys.interrupted ROOT CRASH…` lives the day in a folder of ROOT for each crash, and in
"undisturbed". A folder holds the house, `time` (how late it is), `letters` (that left), and at last `ends` (how its
processes ended) and `outcome`, as JSON.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from services.intake.doors.mail.notices import Letter, Letterbox
from shared import crashpoint
from shared.clock import SimulatedClock
from tests.journeys.staff import ANNA, IRIS, write_hospital
from tests.journeys.town import NOW, Key, Town, a_report, open_town


class Diary(SimulatedClock):
    """A clock that knows after a crash how late it was."""

    def __init__(self, path: Path) -> None:
        super().__init__(datetime.fromisoformat(path.read_text()) if path.exists() else NOW)
        self.path = path

    def move_to(self, moment: datetime) -> None:
        super().move_to(moment)
        self.path.write_text(self.now().isoformat())


class Bin(Letterbox):
    """Letters fall into a file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    async def send(self, letter: Letter) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps({"to": letter.to, "id": letter.id}) + "\n")
        await super().send(letter)


async def main(folder: Path) -> None:
    async with open_town(folder, clock=Diary(folder / "time"), post=Bin(folder / "letters")) as town:
        coordinator = await town.key("coordinator")
        if not (folder / "moved_in").exists():
            await town.move_in()
            (folder / "moved_in").touch()
            return
        await live_the_day(town, coordinator)
        (folder / "outcome").write_text(json.dumps(await what_came_of_it(town, coordinator)))


async def live_the_day(town: Town, coordinator: Key) -> None:
    """Two reports: one goes out at once, one after the time to stop it; nobody answers the first ask."""
    feed = await town.key("feed")
    await town.ask("POST", "incidents", feed, a_report(ANNA.staff_id, number="1"))
    await town.ask(
        "POST", "incidents", feed, a_report(IRIS.staff_id, number="2", harm="severe", department="emergency")
    )
    await until(town, hours=5)
    for case in (await town.get("cases", coordinator))["cases"]:
        await say_yes(town, coordinator, case["case"])
    await until(town, hours=6)
    for n, path, body in (
        (1, "contact", {"reached": True}),
        (2, "conversation", {"minutes": 30}),
        (3, "close", {"ending": "completed"}),
    ):
        await until(town, hours=6 + n)
        for case in (await town.get("cases", coordinator))["cases"]:
            await town.ask("POST", f"cases/{case['case']}/{path}", coordinator, body, once=path)
    await until(town, hours=48)


async def until(town: Town, **since: float) -> None:
    left = NOW + timedelta(**since) - town.clock.now()
    await town.wait(seconds=max(left.total_seconds(), 0))


async def say_yes(town: Town, coordinator: Key, case: str) -> None:
    """Whoever is asked for this case accepts."""
    for ask in (await town.get("asks", coordinator))["asks"]:
        if ask["case"] == case:
            supporter = await town.key("supporter", ask["supporter"])
            await town.ask("POST", f"cases/{case}/ask/accept", supporter, once="yes")


async def what_came_of_it(town: Town, coordinator: Key) -> dict[str, Any]:
    """Everything but the names of cases and the moments of notices, which a crash may delay."""
    found: dict[str, Any] = {}
    for report in (await town.get("reports", coordinator))["reports"]:
        [person] = report["people"]
        case = await town.get(f"cases/{person.pop('case')}?lang=en", coordinator)
        told = sorted(line["text"] for line in case.pop("timeline"))
        del case["case"]
        found[report["report_id"]] = {"report": report, "case": case, "told": told}
    return found | {"overview": await town.get("overview", coordinator), "waiting": await town.house.waiting()}


def fork(work: Callable[[], None]) -> int:
    """Begins this work in a process of its own, and gives its number."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return child


def wait_for(child: int) -> int:
    """How a process ended: 0, or less where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run(folder: Path, crash: str = "") -> int:
    """Lives the day in a process that is killed at this crash point. Gives how it ended."""

    def live() -> None:
        os.environ["NAAST_CRASH_AT"] = crash
        importlib.reload(crashpoint)
        asyncio.run(main(folder))

    return wait_for(fork(live))


def run_with(root: Path, crash: str) -> None:
    """The day with this crash, and then what is left of it; without one, the day."""
    folder = root / (crash or "undisturbed")
    shutil.copytree(root / "before", folder)
    ends = [run(folder, crash), *([run(folder)] if crash else [])]
    (folder / "ends").write_text(json.dumps(ends))


def run_all(root: Path, crashes: list[str]) -> None:
    """The same day once without a crash, and once with each of these, side by side."""
    write_hospital(root / "before" / "hospitals")
    run(root / "before")
    children = [fork(partial(run_with, root, crash)) for crash in ("", *crashes)]
    assert [wait_for(child) for child in children] == [0] * len(children)


if __name__ == "__main__":
    run_all(Path(sys.argv[1]), sys.argv[2:])
