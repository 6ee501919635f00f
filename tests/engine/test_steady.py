"""Whatever is raised for one letter, timer or message, the loop goes on, and so does everything else; on both buses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.bus.local import LocalBus
from shared.engine.engine import Engine, Outcome
from shared.engine.outgoing import FIRST_OF_WHAT_PASSES, FIRST_PUT_OFF, LETTER_GRACE, LONGEST_PUT_OFF, TRIES
from shared.messages import Event, followup
from tests.engine.house import House
from tests.engine.place import Place, rows, said, state, trouble
from tests.engine.toy import (
    ANSWER_TIME,
    HOSPITAL,
    INTAKE,
    MATCHING,
    Case,
    Mail,
    Publisher,
    accept,
    offer,
    qualified,
    talk,
    told,
)

THEIRS = "elsewhere"


def errors(house: House, service: str, work: str) -> float:
    labels = {"service": service, "work": work}
    return house.place.metrics.registry.get_sample_value("naast_loop_errors_total", labels) or 0.0


async def test_a_letter_whose_sending_raises_is_put_off_and_set_aside_in_the_end(house: House) -> None:
    house.postman.faults["c-bad"] = LookupError()
    async with house.at_work():
        await house.intake.handle([told("c-bad", THEIRS), told("c-1")])
        await house.until(lambda: _sent(house, "c-1"))
        for tries in range(1, TRIES):
            pause = FIRST_PUT_OFF * 2 ** (tries - 1)
            await put_off(house, "c-bad", tries, pause)
            house.place.clock.move_to(house.place.clock.now() + pause)
        await house.until(house.is_quiet)
    assert house.postman.tried.count("c-bad") == TRIES
    assert await rows(house.intake, "dead_letter", "subject", "reason") == [("c-bad", "unsendable_LookupError")]
    assert "notice_failed c-bad 1" in await said(house.intake)
    assert [await rows(house.intake, "strike"), errors(house, "intake", "letters")] == [[], TRIES]


async def test_a_letter_that_was_set_aside_leaves_when_it_is_replayed(house: House) -> None:
    house.postman.faults["c-1"] = LookupError()
    async with house.at_work():
        await house.intake.handle([told("c-1")])
        for tries in range(1, TRIES):
            await put_off(house, "c-1", tries)
            house.place.clock.move_to(house.place.clock.now() + LONGEST_PUT_OFF)
        await house.until(lambda: _is_dead(house))
        house.postman.faults.clear()
        [(id, body)] = await rows(house.intake, "dead_letter", "id", "event")
        assert await house.intake.replay(id, body.encode()) == ""
        await house.until(lambda: _sent(house, "c-1"))
        await house.until(house.is_quiet)
    assert await rows(house.intake, "dead_letter") == []


async def test_a_letter_that_raises_what_passes_is_never_given_up_and_holds_up_none(house: House) -> None:
    house.postman.faults["c-bad"] = ConnectionRefusedError()
    async with house.at_work():
        await house.intake.handle([told("c-bad", THEIRS), *(told(f"c-{n}") for n in range(12))])
        for n in range(12):
            await house.until(lambda n=n: _sent(house, f"c-{n}"))  # type: ignore[misc]
        for tries in range(1, TRIES + 2):
            await put_off(house, "c-bad", tries, FIRST_OF_WHAT_PASSES * 2 ** (tries - 1))
            if tries == TRIES + 1:
                house.postman.faults.clear()
            house.place.clock.move_to(house.place.clock.now() + LONGEST_PUT_OFF)
        await house.until(lambda: _sent(house, "c-bad", THEIRS))
    assert await rows(house.intake, "dead_letter") == []


async def test_a_letter_of_a_hospital_whose_settings_are_not_in_force_stays(house: House) -> None:
    house.place.settled.wrong.add(THEIRS)
    async with house.at_work():
        house.place.settled.wrong.clear()
        await house.intake.handle([told("c-9")])
        await house.until(lambda: _sent(house, "c-9"))
        house.postman.open = False
        await house.intake.handle([told("c-theirs", THEIRS), told("c-1")])
        await house.until(lambda: _tried(house, "c-theirs", 1))
        house.postman.open = True
        house.place.settled.wrong.add(THEIRS)
        house.place.clock.move_to(house.place.clock.now() + timedelta(minutes=2))
        await house.until(lambda: _sent(house, "c-1"))
        assert house.postman.tried.count("c-theirs") == 1
        house.place.settled.wrong.clear()
        house.place.clock.move_to(house.place.clock.now() + timedelta(minutes=2))
        await house.until(lambda: _sent(house, "c-theirs", THEIRS))
    assert [house.postman.tried.count("c-theirs"), await rows(house.intake, "dead_letter")] == [2, []]


async def test_a_receipt_that_cannot_be_taken_sends_no_letter_twice(house: House) -> None:
    async with house.at_work():
        trouble(house.intake, _raise_at("notice_gone"))
        await house.intake.handle([told("c-bad"), told("c-1")])
        await house.until(lambda: _sent(house, "c-1"))
        house.place.clock.move_to(house.place.clock.now() + timedelta(minutes=5))
        await house.until(house.is_quiet)
    assert sorted(house.postman.tried) == ["c-1", "c-bad"]
    assert await rows(house.intake, "dead_letter", "subject", "reason") == [("c-bad", "LookupError")]


async def test_a_timer_whose_read_view_raises_harms_no_other(place: Place, other: Publisher) -> None:
    engine = await place.engine()
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1", "c-bad", "c-2"))])
    trouble(engine, _raise_at("ask_expired"))
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    assert [await engine.fire(), await engine.fire()] == [3, 0]
    expired = [line for line in await said(engine) if line.startswith("ask_expired")]
    assert expired == ["ask_expired c-1 2", "ask_expired c-2 2"]
    assert await rows(engine, "dead_letter", "subject", "reason") == [("c-bad", "LookupError")]


async def test_work_that_raises_pauses_alone_and_goes_on(house: House, other: Publisher) -> None:
    async with house.at_work():
        fire, faults = house.matching.fire, [LookupError(), LookupError()]

        async def torn(*arguments: Any) -> int:
            if faults:
                raise faults.pop()
            return await fire(*arguments)

        house.matching.fire = torn  # type: ignore[method-assign,assignment]
        house.matching.quiet_until = None
        await house.until(lambda: _errors(house, "matching", "fire", 1))
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house, "c-1"))  # what it hears goes on
        await house.intake.handle([told("c-2")])
        await house.until(lambda: _sent(house, "c-2"))  # and so does everything of others
        house.place.clock.move_to(house.place.clock.now() + timedelta(seconds=2))
        await house.until(lambda: _errors(house, "matching", "fire", 2))
        house.place.clock.move_to(house.place.clock.now() + ANSWER_TIME)
        await house.until(lambda: _expired(house, "c-1"))
    assert errors(house, "matching", "fire") == 2


async def test_what_was_left_over_and_fails_at_the_start_is_delivered_after_it(place: Place, other: Publisher) -> None:
    ours = await place.engine(MATCHING, destinations=("intake",))
    theirs = await place.engine(INTAKE, destinations=("matching",))
    await ours.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    await ours.ask(accept("c-1", "s-1"))
    handle, faults = theirs.handle, [LookupError(), LookupError(), LookupError()]

    async def torn(events: list[Event]) -> Outcome:
        if faults:
            raise faults.pop()
        return await handle(events)

    theirs.handle = torn  # type: ignore[method-assign,assignment]
    bus = LocalBus({"matching": ours, "intake": theirs}, place.clock, place.metrics)
    await bus.start()
    for _ in range(3):
        assert await said(theirs) == []
        place.clock.move_to(place.clock.now() + timedelta(minutes=1))
        await bus.settle()
    assert await said(theirs) == ["notice c-1"]
    assert [await rows(theirs, "dead_letter"), await rows(ours, "strike")] == [[], []]


async def test_a_house_whose_work_pauses_says_when_it_goes_on(place: Place, other: Publisher) -> None:
    engine = await place.engine(MATCHING, destinations=())
    bus = LocalBus({"matching": engine}, place.clock, place.metrics)
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    place.clock.move_to(place.clock.now() + ANSWER_TIME)

    async def torn() -> int:
        raise LookupError

    engine.fire = torn  # type: ignore[method-assign,assignment]
    for _ in range(3):
        await bus.settle()
        due = await bus.next_due()
        assert due is not None
        assert due > place.clock.now()
        place.clock.move_to(due)


async def test_an_erasure_that_cannot_be_scrubbed_stops_nobody(place: Place, engine: Engine, other: Publisher) -> None:
    async def torn() -> bool:
        raise LookupError

    engine.database.scrub = torn  # type: ignore[method-assign]
    await engine.handle([other(talk("c-1", 1)), other(followup.CaseErased(case="c-1"))])
    assert (await state(engine, Case, "c-1")).ending == "erased"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The buses look often: what these tests wait for is not the wall clock."""
    for bus in ("net", "local"):
        monkeypatch.setattr(f"shared.bus.{bus}._POLL", 0.05)


def _raise_at(name: str) -> Any:
    async def after(_: object, events: list[Event]) -> None:
        if any(event.data.name == name and event.subject == "c-bad" for event in events):
            raise LookupError

    return after


async def _sent(house: House, case: str, hospital: str = HOSPITAL) -> bool:
    found = await state(house.intake, Mail, case, hospital)
    return found is not None and found.sent == 1


async def _tried(house: House, case: str, times: int) -> bool:
    return house.postman.tried.count(case) == times


async def put_off(house: House, case: str, tries: int, pause: timedelta | None = None) -> None:
    """Waits until a letter was tried so often and is put off, for this long."""

    async def _is() -> bool:
        now = house.place.clock.now()
        pauses = [at - now for at, to in await rows(house.intake, "pending", "due_at", "destination") if to == "mail"]
        is_put_off = pause in pauses if pause else any(one > LETTER_GRACE for one in pauses)  # else it is on its way
        return house.postman.tried.count(case) == tries and is_put_off

    await house.until(_is)


async def _is_dead(house: House) -> bool:
    return len(await rows(house.intake, "dead_letter")) == 1


async def _errors(house: House, service: str, work: str, count: int) -> bool:
    return errors(house, service, work) == count


async def _asked(house: House, case: str) -> bool:
    found = await state(house.matching, Case, case)
    return found is not None and found.asks == 1


async def _expired(house: House, case: str) -> bool:
    return bool((await state(house.matching, Case, case)).asked == "")
