"""`naast up` is killed, again and again, while a feed sends and people answer; whoever got no answer sends it again.
The end is the same as without a single kill.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.live import deployment as places
from tests.live.end import differences, end_of
from tests.live.history import Sent, Step, calamities, history
from tests.live.hospital import write_hospital
from tests.live.play import Play
from tests.live.processes import Process

pytestmark = pytest.mark.live
HOSPITAL = "steady"
#: Seconds after it was ready, or after it was started, at which it is killed.
WHILE_PEOPLE_ANSWER, WHILE_THE_FEED_SENDS, WHILE_IT_STARTS = (0.3, 1.7, 0.9, 0.1), (0.05, 0.3, 0.15), (0.6,)


async def test_a_house_that_is_killed_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    steps, feed = history(HOSPITAL), calamities(HOSPITAL)
    undisturbed, killed = await asyncio.gather(
        lived(tmp_path / "undisturbed", steps, feed), lived(tmp_path / "killed", steps, feed, kill=True)
    )
    assert differences(undisturbed, killed) == []
    assert killed["set apart"] == {}


async def lived(folder: Path, steps: list[Step], feed: list[Sent], kill: bool = False) -> dict[str, Any]:
    """The end of a house of which each step waits for the last one, and then the feed for nothing."""
    write_hospital(folder / "hospitals", HOSPITAL)
    house = places.embedded(folder)
    process = house.processes[0]
    try:
        await house.start()
        play = Play(house, await house.make_keys(HOSPITAL))
        await play.take_over_staff(folder / "hospitals")
        await asyncio.gather(answer(play, steps), kill_it(process, WHILE_PEOPLE_ANSWER if kill else ()))
        await asyncio.gather(send(play, feed), kill_it(process, WHILE_THE_FEED_SENDS if kill else ()))
        await kill_it(process, WHILE_IT_STARTS if kill else (), starting=True)
        await house.books.until_quiet()
        return await end_of(play)
    finally:
        await house.close()


async def answer(play: Play, steps: list[Step]) -> None:
    for number, step in enumerate(steps):
        await play.do(step, f"step-{number}")
        await play.at.books.until_quiet(letters=False)


async def send(play: Play, feed: list[Sent]) -> None:
    for sent in feed:
        await play.send(sent)


async def kill_it(process: Process, moments: tuple[float, ...], starting: bool = False) -> None:
    """At each of these moments, and then it is started again."""
    for moment in moments:
        if starting:
            process.kill()
            process.start()
        await asyncio.sleep(moment)
        process.kill()
        process.start()
        await process.ready()
