"""A hospital whose settings are not in force waits: nothing is lost or done twice, and nobody else waits with it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from services.house.books import mistakes
from shared.engine.engine import Engine
from shared.engine.outgoing import WAIT
from shared.hospital import Hospitals, NotInForce, to_toml
from shared.messages import Event, Message, followup, write
from shared.testing import a_hospital
from tests.engine.place import Place, rows, said, state
from tests.engine.toy import ANSWER_TIME, Case, Publisher, accept, explosion, offer, qualified, talk

OURS, THEIRS = "example", "elsewhere"


def both(other: Publisher, message: Message) -> list[Event]:
    """The same message in both hospitals."""
    return [other(message, hospital=hospital) for hospital in (THEIRS, OURS)]


async def talks(engine: Engine, hospital: str, case: str = "c-1") -> tuple[int, ...]:
    found = await state(engine, Case, case, hospital)
    return found.talks if found else ()


async def test_messages_wait_in_their_order_and_go_on_once(place: Place, engine: Engine, other: Publisher) -> None:
    place.settled.wrong.add(THEIRS)
    events = [event for n in (1, 2) for event in both(other, talk("c-1", n))]
    outcome = await engine.handle(events)
    assert (outcome.taken, outcome.parked, outcome.dead) == (2, 2, {})
    assert [await talks(engine, OURS), await talks(engine, THEIRS), await engine.take_up()] == [(1, 2), (), 0]

    place.settled.wrong.clear()
    assert await engine.take_up() == 1
    assert await talks(engine, THEIRS) == (1, 2)
    assert [await engine.take_up(), (await engine.handle(events)).taken, await rows(engine, "parked")] == [0, 0, []]


async def test_what_comes_once_the_settings_are_good_comes_after_what_waited(
    place: Place, engine: Engine, other: Publisher
) -> None:
    place.settled.wrong.add(THEIRS)
    first, second, third = (other(talk("c-1", n), hospital=THEIRS) for n in (1, 2, 3))
    await engine.handle([second])  # early as well
    await engine.handle([first])
    place.settled.wrong.clear()
    await engine.handle([third])
    assert await talks(engine, THEIRS) == (1, 2, 3)


async def test_another_process_takes_up_what_waits(place: Place, other: Publisher) -> None:
    one = await place.engine()
    place.settled.wrong.add(THEIRS)
    await one.handle([other(talk("c-1", 1), hospital=THEIRS)])
    two = await place.engine()
    assert await two.take_up() == 0
    place.settled.wrong.clear()
    assert [await two.take_up(), await talks(two, THEIRS)] == [1, (1,)]


async def test_waiting_for_settings_is_no_gap_and_a_gap_stays_one(
    place: Place, engine: Engine, other: Publisher
) -> None:
    place.settled.wrong.add(THEIRS)
    first, _lost, third = (other(talk("c-1", n), hospital=THEIRS) for n in (1, 2, 3))
    await engine.handle([first, third])
    place.clock.move_to(place.clock.now() + engine.protocol.gap_limit * 10)
    assert await engine.pass_gaps() == 0

    place.settled.wrong.clear()
    assert [await engine.take_up(), await talks(engine, THEIRS)] == [1, (1,)]
    assert [await engine.pass_gaps(), await talks(engine, THEIRS)] == [1, (1, 3)]


async def test_a_timer_stays_due_and_fires_once(place: Place, engine: Engine, other: Publisher) -> None:
    await engine.handle([*both(other, qualified("s-1")), *both(other, offer("r-1", "c-1"))])
    place.settled.wrong.add(THEIRS)
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    for _ in range(3):
        await engine.fire()
        assert (await said(engine)).count("ask_expired c-1 2") == 1  # ours
        assert await engine.fire() == 0  # and it is not tried at once again
        assert await engine.next_due() == place.clock.now() + WAIT
        place.clock.move_to(place.clock.now() + WAIT)

    place.settled.wrong.clear()
    await engine.fire()
    assert (await said(engine)).count("ask_expired c-1 2") == 2
    assert [await engine.fire(), await rows(engine, "pending"), await rows(engine, "dead_letter")] == [0, [], []]


async def test_timers_that_wait_keep_their_order(place: Place, engine: Engine, other: Publisher) -> None:
    cases = [f"c-{n}" for n in range(9)]
    await engine.handle([other(qualified("s-1"))])
    for report, case in enumerate(reversed(cases)):
        await engine.handle([other(offer(f"r-{report}", case))])
        place.clock.move_to(place.clock.now() + timedelta(minutes=1))
    place.settled.wrong.add(OURS)
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    await engine.fire()
    place.settled.wrong.clear()
    place.clock.move_to(place.clock.now() + WAIT * 2)
    await engine.fire()
    expired = [line.split()[1] for line in await said(engine) if line.startswith("ask_expired")]
    assert expired == cases[::-1]


async def test_more_timers_than_fit_in_one_round_hold_up_nobody(place: Place, engine: Engine, other: Publisher) -> None:
    many = [f"c-{n}" for n in range(12)]
    await engine.handle([*both(other, qualified("s-1")), other(offer("r-1", *many), hospital=THEIRS)])
    await engine.handle([other(offer("r-2", "c-ours"))])
    place.settled.wrong.add(THEIRS)
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    fired = [await engine.fire(5) for _ in range(4)]
    assert fired == [5, 5, 3, 0]
    assert [line for line in await said(engine) if line.startswith("ask_expired")] == ["ask_expired c-ours 2"]


async def test_a_command_is_told_to_come_again_and_then_counts_as_new(
    place: Place, engine: Engine, other: Publisher
) -> None:
    await engine.handle([*both(other, qualified("s-1")), *both(other, offer("r-1", "c-1"))])
    place.settled.wrong.add(THEIRS)
    command = accept("c-1", "s-1", hospital=THEIRS)
    for give in (lambda: engine.ask(command), lambda: engine.take([command])):
        with pytest.raises(NotInForce):
            await give()
    assert await rows(engine, "received", "key") == []
    place.settled.wrong.clear()
    assert [event.data.name for event in await engine.ask(command)] == ["ask_accepted", "notice_due"]


async def test_a_dead_letter_that_is_replayed_too_soon_stays_one(
    place: Place, engine: Engine, other: Publisher
) -> None:
    event = other(talk("c-1", 1), hospital=THEIRS)
    await engine.set_aside([event], "test")
    place.settled.wrong.add(THEIRS)
    assert await engine.replay(event.id, write(event)) == "settings_not_in_force"
    assert await rows(engine, "dead_letter", "id", "reason") == [(event.id, "settings_not_in_force")]
    place.settled.wrong.clear()
    assert [await engine.replay(event.id, write(event)), await talks(engine, THEIRS)] == ["", (1,)]


async def test_a_hospital_that_nobody_knows_is_told_without_its_name(
    place: Place, engine: Engine, other: Publisher
) -> None:
    place.settled.unknown.add(THEIRS)
    events = both(other, talk("c-1", 1))
    outcome = await engine.handle(events)
    assert (outcome.taken, outcome.dead) == (1, {events[0].id: "unknown_hospital"})
    assert await rows(engine, "dead_letter", "reason") == ["unknown_hospital"]


async def test_what_was_delivered_too_often_is_set_aside_whatever_its_settings(
    place: Place, engine: Engine, other: Publisher
) -> None:
    place.settled.wrong.add(THEIRS)
    first, second = (other(talk("c-1", n), hospital=THEIRS) for n in (1, 2))
    await engine.set_aside([first], "delivery_limit")
    await engine.handle([second])
    assert await rows(engine, "dead_letter", "reason") == ["delivery_limit"]
    place.settled.wrong.clear()
    assert [await engine.take_up(), await talks(engine, THEIRS)] == [1, (2,)]


async def test_an_erasure_that_waits_erases_then(place: Place, engine: Engine, other: Publisher) -> None:
    await engine.handle([other(talk("c-1", 1), hospital=THEIRS)])
    place.settled.wrong.add(THEIRS)
    await engine.handle([other(followup.CaseErased(case="c-1"), hospital=THEIRS)])
    assert await talks(engine, THEIRS) == (1,)
    place.settled.wrong.clear()
    await engine.take_up()
    assert (await state(engine, Case, "c-1", THEIRS)).ending == "erased"


async def test_a_decision_that_raises_among_what_waited_harms_only_itself(
    place: Place, engine: Engine, other: Publisher
) -> None:
    place.settled.wrong.add(THEIRS)
    bad = other(explosion("c-1"), hospital=THEIRS)
    await engine.handle([bad, other(talk("c-1", 1), hospital=THEIRS), other(qualified("s-1"), hospital=THEIRS)])
    place.settled.wrong.clear()
    assert [await engine.take_up(), await talks(engine, THEIRS)] == [3, (1,)]
    assert await rows(engine, "dead_letter", "id") == [bad.id]


async def test_a_read_view_that_raises_for_one_message_that_waited_harms_only_that_one(
    place: Place, other: Publisher
) -> None:
    async def after(_: object, events: list[Event]) -> None:
        if any(event.data == talk("c-1", 2) for event in events):
            raise LookupError

    engine = await place.engine(after=after)
    place.settled.wrong.add(THEIRS)
    await engine.handle([other(talk("c-1", n), hospital=THEIRS) for n in (1, 2, 3)])
    await engine.handle([other(talk("c-2", 1), hospital=THEIRS)])
    place.settled.wrong.clear()
    for _ in range(4):
        await engine.take_up()
    assert [await talks(engine, THEIRS, case) for case in ("c-1", "c-2")] == [(1, 3), (1,)]
    assert await rows(engine, "dead_letter", "reason") == ["LookupError"]


async def test_a_message_does_not_suffer_from_what_is_parked_behind_it(place: Place, other: Publisher) -> None:
    async def after(_: object, events: list[Event]) -> None:
        if any(event.data == talk("c-1", 2) for event in events):
            raise LookupError

    engine = await place.engine(after=after)
    first, second, third = (other(talk("c-1", n)) for n in (1, 2, 3))
    await engine.handle([second, third])
    assert (await engine.handle([first])).dead == {}
    for _ in range(3):
        await engine.take_up()
    assert await talks(engine, OURS) == (1, 3)
    assert await rows(engine, "dead_letter", "id") == [second.id]


# -- what is read from disk


def settle(root: Path, hospital: str, rules: str = "") -> None:
    """Writes the file of a hospital, at another moment than the last time."""
    folder = root / hospital
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "hospital.toml"
    before = file.stat().st_mtime if file.exists() else 0.0
    file.write_text(to_toml(a_hospital(id=hospital)).replace("[rules]\n", f"[rules]\n{rules}\n"))
    os.utime(file, (before + 1, before + 1))


async def test_a_rule_that_is_none_is_never_in_force(place: Place, tmp_path: Path, other: Publisher) -> None:
    for hospital in (OURS, THEIRS):
        settle(tmp_path, hospital)
    before = Hospitals(tmp_path, mistakes, every=0.0)
    assert sorted(before) == [THEIRS, OURS]
    settle(tmp_path, THEIRS, 'MATCH-55 = "2"')
    after = Hospitals(tmp_path, mistakes, every=0.0)
    for known, n, (taken, parked) in ((before, 1, (1, 0)), (after, 2, (0, 1))):
        place.settled = known.__getitem__  # type: ignore[assignment]
        engine = await place.engine()
        outcome = await engine.handle([other(talk("c-1", n), hospital=THEIRS)])
        assert (outcome.taken, outcome.parked) == (taken, parked)
    settle(tmp_path, THEIRS, "MATCH-5 = 2")
    assert [await engine.take_up(), await talks(engine, THEIRS), after[THEIRS].rules] == [1, (1, 2), {"MATCH-5": 2}]
