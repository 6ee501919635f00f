"""Whatever comes late about an erased case is dropped: it wakes nobody, and nothing of it is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.engine.engine import Engine
from shared.messages import Fact, Message, followup, matching
from shared.testing import heard
from tests.engine.place import Place, remembered, rows, said, state
from tests.engine.test_erasure import ERASED, MARK, lived, traces
from tests.engine.toy import HOSPITAL, INTAKE, NOW, Case, Publisher, accept, explosion, offer, talk, withdrawal

TOLD = matching.NoticeDue(regarding=MARK, to="supporter", template="contact_card", person="s-1")
CLOSED = followup.CaseClosed(case=MARK, ending="completed", supporter="s-1")
LATE: list[Fact] = [explosion(MARK), talk(MARK, 3), CLOSED, matching.SupporterMatched(case=MARK, supporter="s-1"), TOLD]


@pytest.mark.parametrize("late", LATE, ids=lambda fact: fact.name)
@pytest.mark.parametrize("together", [False, True], ids=["later", "in one batch"])
async def test_what_comes_late_about_an_erased_case_wakes_nobody(
    engine: Engine, other: Publisher, late: Message, together: bool
) -> None:
    await lived(engine, other)
    erased, after = other(ERASED, 1), other(late, 9)
    for batch in [[erased, after]] if together else [[erased], [after]]:
        outcome = await engine.handle(batch)
    assert (len(outcome.duplicates), outcome.parked, outcome.dead) == (1, 0, {})
    assert await traces(engine) == {}
    assert (await state(engine, Case, MARK)).ending == "erased"
    assert await said(engine) == ["supporter_asked c-2 1", "answer_due c-2", "plan_made r-1 1"]


async def test_a_notice_that_comes_late_writes_to_nobody(place: Place) -> None:
    engine = await place.engine(INTAKE)
    await engine.handle([heard(ERASED, hospital=HOSPITAL, at=NOW)])
    before = await remembered(engine)
    await engine.handle([heard(TOLD, hospital=HOSPITAL, at=NOW)])
    assert (await rows(engine, "pending"), await rows(engine, "journal"), await remembered(engine)) == ([], [], before)


async def test_a_message_that_names_others_as_well_is_taken_without_the_erased(
    engine: Engine, other: Publisher
) -> None:
    await engine.handle([other(offer("r-1", MARK)), other(ERASED)])
    outcome = await engine.handle([other(offer("r-5", MARK, "c-5")), other(withdrawal("r-6", MARK))])
    assert (outcome.taken, len(outcome.duplicates)) == (1, 1)
    assert await said(engine) == ["match_failed c-5 1"]
    assert await traces(engine) == {}
    # What was left of nothing counts as heard all the same.
    await engine.handle([other(withdrawal("r-6", "c-5"))])
    assert ("intake", HOSPITAL, "r-6", 2, "") in await rows(engine, "heard")


async def test_an_early_one_waits_without_the_erased(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(offer("r-1", MARK)), other(ERASED)])
    await engine.handle([other(offer("r-5", MARK, "c-5"), 2)])
    assert await traces(engine) == {}
    await engine.handle([other(offer("r-5", "c-6"), 1)])
    assert await said(engine) == ["match_failed c-6 1", "match_failed c-5 1"]


async def test_who_asks_about_an_erased_case_is_answered_and_nothing_is_kept(engine: Engine, other: Publisher) -> None:
    await lived(engine, other)
    await engine.handle([other(ERASED, 1)])
    for _ in range(2):
        answered = [event.data for event in await engine.ask(accept(MARK, "s-1", id="again"))]
        assert answered == [matching.Refused(regarding=MARK, command="accept_ask", rule="MATCH-9")]
    assert await traces(engine) == {}
    assert "again" not in await rows(engine, "received", "key")


async def test_what_cannot_be_decided_about_an_erased_case_is_no_dead_letter(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(offer("r-1", MARK)), other(ERASED)])
    outcome = await engine.set_aside([other(CLOSED)], "killed_the_process")
    assert (outcome.dead, await rows(engine, "dead_letter")) == ({}, [])


async def test_another_hospital_has_a_case_of_this_name_still(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(ERASED)])
    outcome = await engine.handle([other(talk(MARK, 1), hospital="elsewhere")])
    assert outcome.taken == 1


async def test_an_erased_case_stays_so_when_the_process_ends(place: Place, other: Publisher) -> None:
    await (await place.engine()).handle([other(offer("r-1", MARK)), other(ERASED)])
    again = await place.engine()
    place.clock.move_to(place.clock.now() + timedelta(days=400))
    assert (await again.handle([other(talk(MARK, 1))])).taken == 0
    assert await traces(again) == {}
