"""An embedded house that ended in the middle of its work takes it up at the next start."""

from collections.abc import Awaitable, Iterable

import pytest

from shared.bus.local import LocalBus
from shared.engine.engine import Engine, Outcome
from shared.messages import Event
from shared.metrics import Metrics
from tests.engine.place import Place, rows, said, state
from tests.engine.toy import INTAKE, MATCHING, Mail, Publisher, accept, offer, qualified


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
async def engines(place: Place, other: Publisher) -> dict[str, Engine]:
    """Matching has said something that intake has not heard."""
    matching = await place.engine(MATCHING, destinations=("intake",))
    intake = await place.engine(INTAKE, destinations=("matching",))
    await matching.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    await matching.ask(accept("c-1", "s-1"))
    return {"matching": matching, "intake": intake}


async def start(place: Place, engines: dict[str, Engine]) -> None:
    await LocalBus(engines, place.clock, Metrics()).start()


async def test_what_was_on_its_way_is_delivered_at_the_start(place: Place, engines: dict[str, Engine]) -> None:
    def waiting() -> Awaitable[list[str]]:
        return rows(engines["matching"], "pending", "destination")

    assert (await waiting()).count("intake") == 3
    await start(place, engines)
    assert await said(engines["intake"]) == ["notice c-1"]
    assert (await waiting()).count("intake") == 0


async def test_a_message_that_killed_the_process_twice_is_set_aside(place: Place, engines: dict[str, Engine]) -> None:
    intake = engines["intake"]
    handle = intake.handle

    async def deadly(events: Iterable[Event], **_: object) -> Outcome:
        if any(event.data.name == "notice_due" for event in events):
            raise Killed
        return await handle(list(events))

    intake.handle = deadly  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(Killed):
            await start(place, engines)
    await start(place, engines)
    dead = [("naast.matching.notice_due.v1", "killed_the_process")]
    assert await rows(intake, "dead_letter", "type", "reason") == dead
    assert await state(intake, Mail, "c-1") is None
    assert await rows(engines["matching"], "strike") == []


async def test_of_ten_that_were_left_over_only_the_one_that_kills_the_process_is_set_aside(
    place: Place, other: Publisher
) -> None:
    matching = await place.engine(MATCHING, destinations=("intake",))
    intake = await place.engine(INTAKE, destinations=("matching",))
    await matching.handle([other(qualified("s-1")), other(offer("r-1", "c-0", "c-1", "c-2", "c-3"))])
    for case in ("c-0", "c-1", "c-2"):
        await matching.ask(accept(case, "s-1", f"accept-{case}"))
    assert (await rows(matching, "pending", "destination")).count("intake") == 10
    handle, taken = intake.handle, list[Event]()

    async def deadly(events: Iterable[Event], **_: object) -> Outcome:
        if any(event.data.name == "notice_due" and event.subject == "c-1" for event in events):
            raise Killed
        taken.extend(events)
        return await handle(list(events))

    intake.handle = deadly  # type: ignore[method-assign]
    engines = {"matching": matching, "intake": intake}
    for _ in range(2):
        with pytest.raises(Killed):
            await start(place, engines)
    await start(place, engines)
    assert await rows(intake, "dead_letter", "subject", "reason") == [("c-1", "killed_the_process")]
    assert (len(taken), await said(intake)) == (9, ["notice c-0", "notice c-2"])
    assert [await rows(matching, "strike"), (await rows(matching, "pending", "destination")).count("intake")] == [[], 0]
