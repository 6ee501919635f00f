"""After an erasing fact nothing is left that is about its subject, and whoever comes late finds the place taken."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.engine.engine import Engine
from shared.messages import Message, followup, intake, matching, read
from shared.testing import heard
from tests.engine.place import Place, remembered, rows, said, state
from tests.engine.toy import (
    ANSWER_TIME,
    HOSPITAL,
    INTAKE,
    NOW,
    Case,
    Publisher,
    accept,
    explosion,
    offer,
    qualified,
    withdrawal,
)

MARK = "c-marker"
ERASED = followup.CaseErased(case=MARK)
#: How often the files name it after that: where it stood in two orders, as row and as key, and that it is over, in the
#: state as well.
KEPT = 2 * 2 + 3 * 1
#: What a service keeps for itself about what it heard.
TABLES = ("heard", "journal", "pending", "parked", "dead_letter", "received", "strike", "mention", "erasing")


async def traces(engine: Engine) -> dict[str, list[str]]:
    """Per table of the engine the rows that name the case; where it was heard up to is no trace."""
    found = {name: [str(row) for row in await rows(engine, name)] for name in TABLES if name != "heard"}
    return {name: kept for name in found if (kept := [row for row in found[name] if MARK in row])}


async def lived(engine: Engine, other: Publisher) -> None:
    """A case with a timer, a match, an early message, a dead letter and a plan that it shares."""
    await engine.handle([other(qualified("s-1")), other(offer("r-1", MARK, "c-2"))])
    await engine.ask(accept(MARK, "s-1"))
    await engine.handle([other(intake.SupporterInvolved(report="r-1", cases=(MARK, "c-2"), supporters=("s-9",)))])
    await engine.handle([other(explosion(MARK)), other(followup.SupportPaused(case=MARK), 7)])


async def test_everything_about_the_case_goes_and_what_names_others_is_rewritten(
    place: Place, engine: Engine, other: Publisher
) -> None:
    await lived(engine, other)
    assert set(await traces(engine)) == {"journal", "parked", "dead_letter", "mention"}
    await engine.handle([other(ERASED, 1)])
    assert await traces(engine) == {}
    assert await said(engine) == ["supporter_asked c-2 1", "answer_due c-2", "plan_made r-1 1"]
    [plan] = [read(body.encode()).data for body in await rows(engine, "journal", "event") if "plan_made" in body]
    assert plan == matching.PlanMade(report="r-1", cases=("c-2",), departments=1, asked=2, left=0)
    assert await rows(engine, "pending", "destination") == ["matching"]
    assert await rows(engine, "mention", "subject") == ["c-2"]


async def test_a_case_is_not_taken_for_one_whose_id_begins_like_its_own(engine: Engine, other: Publisher) -> None:
    plan = intake.SupporterInvolved(report="r-1", cases=("c-1", "c-10"), supporters=())
    await engine.handle([other(offer("r-1", "c-1", "c-10")), other(plan), other(explosion("c-10"))])
    await engine.handle([other(followup.CaseErased(case="c-1"))])
    [kept] = [read(body.encode()).data for body in await rows(engine, "journal", "event") if "plan_made" in body]
    assert kept == matching.PlanMade(report="r-1", cases=("c-10",), departments=1, asked=2, left=0)
    assert await rows(engine, "dead_letter", "subject") == ["c-10"]


async def test_what_named_nobody_else_goes_with_the_last(engine: Engine, other: Publisher) -> None:
    await lived(engine, other)
    await engine.handle([other(ERASED, 1), other(followup.CaseErased(case="c-2"))])
    assert [line for line in await said(engine) if line.startswith("plan_made")] == []
    assert await rows(engine, "journal") == await rows(engine, "pending") == await rows(engine, "mention") == []


async def test_what_comes_late_or_again_is_a_duplicate_and_is_not_kept(engine: Engine, other: Publisher) -> None:
    first = other(explosion(MARK))
    await engine.handle([other(offer("r-1", MARK)), first])
    erased = other(ERASED)
    await engine.handle([erased])
    outcome = await engine.handle([first, erased])
    assert (outcome.taken, len(outcome.duplicates)) == (0, 2)
    assert await traces(engine) == {}
    assert (await state(engine, Case, MARK)).ending == "erased"


async def test_nobody_waits_for_what_comes_before_an_early_one_about_an_erased_case(
    engine: Engine, other: Publisher
) -> None:
    await engine.handle([other(followup.SupportPaused(case=MARK), 7), other(ERASED, 1)])
    assert [row[-2:] for row in await rows(engine, "heard")] == [(1, "")]
    await engine.handle([other(followup.SupportResumed(case=MARK), 8)])
    assert [row[-2:] for row in await rows(engine, "heard")] == [(8, "2-7")]
    await engine.handle([other(followup.SupportPaused(case=MARK), 7)])
    assert (await rows(engine, "parked"), await traces(engine)) == ([], {})


async def test_another_case_and_another_hospital_keep_everything(engine: Engine, other: Publisher) -> None:
    theirs = other(offer("r-1", MARK), hospital="elsewhere")
    await engine.handle([other(offer("r-2", "c-2")), theirs])
    before = await rows(engine, "journal"), await remembered(engine)
    await engine.handle([other(offer("r-3", MARK))])
    assert len(await rows(engine, "journal")) == len(before[0]) + 1
    await engine.handle([other(ERASED)])
    kept = {key: body for key, body in (await remembered(engine)).items() if key[1:] != (HOSPITAL, MARK)}
    assert (await rows(engine, "journal"), kept) == before


async def test_of_a_message_that_waits_or_died_and_names_others_the_rest_is_kept(
    engine: Engine, other: Publisher
) -> None:
    await engine.set_aside([other(offer("r-1", MARK, "c-2"))], "undecidable_KeyError")
    await engine.handle([other(withdrawal("r-2", MARK, "c-2"), 2)])
    assert set(await traces(engine)) == {"dead_letter", "parked"}
    await engine.handle([other(ERASED)])
    assert await traces(engine) == {}
    kept = [
        read(body.encode()).data for table in ("dead_letter", "parked") for body in await rows(engine, table, "event")
    ]
    assert kept == [offer("r-1", "c-2"), withdrawal("r-2", "c-2")]


async def test_a_letter_of_the_case_never_leaves(place: Place) -> None:
    engine = await place.engine(INTAKE)
    notice = matching.NoticeDue(regarding=MARK, to="colleague", template="matched", person="p-1")
    await engine.handle([heard(notice, hospital=HOSPITAL, at=NOW)])
    assert len(await rows(engine, "pending")) == 1
    await engine.handle([heard(ERASED, hospital=HOSPITAL, at=NOW)])
    place.clock.move_to(place.clock.now() + timedelta(minutes=2))
    assert (await rows(engine, "pending"), await engine.lease_letters()) == ([], [])


async def test_what_a_reader_still_waits_for_goes_when_he_has_it(place: Place, other: Publisher) -> None:
    engine = await place.engine(destinations=("followup",))
    parcels = (await engine.handle([other(qualified("s-1")), other(offer("r-1", MARK))])).parcels
    await engine.handle([other(ERASED)])
    assert set(await traces(engine)) == {"journal", "erasing"}
    assert await rows(engine, "pending", "destination") == ["followup"]
    await engine.delivered([parcel.row for parcel in parcels])
    assert await traces(engine) == {}


async def test_what_a_reader_waited_for_while_the_process_ended_goes_as_well(place: Place, other: Publisher) -> None:
    engine = await place.engine(destinations=("followup",))
    parcels = (await engine.handle([other(qualified("s-1")), other(offer("r-1", MARK))])).parcels
    await engine.handle([other(ERASED)])
    again = await place.engine(destinations=("followup",))
    await again.delivered([parcel.row for parcel in parcels])
    assert await traces(again) == {}


async def test_a_timer_far_away_is_taken_away_too(place: Place, engine: Engine, other: Publisher) -> None:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", MARK))])
    assert await rows(engine, "pending", "due_at") == [place.clock.now() + ANSWER_TIME]
    await engine.handle([other(ERASED)])
    assert await rows(engine, "pending") == []
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    assert await engine.fire() == 0


async def test_many_cases_in_one_batch(engine: Engine, other: Publisher) -> None:
    cases = [f"c-{n}" for n in range(300)]
    await engine.handle([other(qualified("s-1")), other(offer("r-1", *cases))])
    assert [len(await rows(engine, table)) for table in ("journal", "pending")] == [600, 300]
    await engine.handle([other(followup.CaseErased(case=case)) for case in cases])
    assert await rows(engine, "journal") == await rows(engine, "pending") == await rows(engine, "erasing") == []


async def test_a_service_lets_go_of_what_it_keeps_elsewhere_in_the_same_transaction(
    engine: Engine, other: Publisher
) -> None:
    gone: list[list[tuple[str, str]]] = []

    async def forget(_: object, subjects: list[tuple[str, str]]) -> None:
        gone.append(subjects)

    engine.forget = forget
    await engine.handle([other(offer("r-1", MARK)), other(ERASED)])
    assert gone == [[(HOSPITAL, MARK)]]


@pytest.mark.parametrize(
    ("message", "left"),
    [
        (offer("r-1", MARK, "c-2"), offer("r-1", "c-2")),
        (offer("r-1", MARK), None),
        (
            intake.SupportWithdrawn(report="r-1", cases=(MARK, "c-2"), reason="amended"),
            intake.SupportWithdrawn(report="r-1", cases=("c-2",), reason="amended"),
        ),
        (intake.SupportWithdrawn(report="r-1", cases=(MARK,), reason="amended"), None),
        (intake.SupporterInvolved(report="r-1", cases=(MARK,), supporters=("s-1",)), None),
        (matching.PlanMade(report="r-1", cases=(MARK,), departments=1, asked=1, left=0), None),
        (ERASED, ERASED),
    ],
)
def test_a_message_can_be_told_without_a_case(message: Message, left: Message | None) -> None:
    assert message.without(MARK) == left
    assert message is ERASED or MARK in message.mentions


def test_who_else_was_involved_is_forgotten_with_her() -> None:
    near = [
        intake.Colleague(case=case, colleague="p", profession="nurse", department="icu", not_by=("s-1",), line=("s-2",))
        for case in (MARK, "c-2")
    ]
    whole = offer("r-1").model_copy(update={"colleagues": tuple(near)})
    alone = intake.Colleague(case="c-2", colleague="p", profession="nurse", department="icu")
    assert whole.without(MARK) == whole.model_copy(update={"colleagues": (alone,)})


async def test_what_a_reader_holds_in_the_files_goes_with_the_next_commit_after_him(
    tmp_path: Path, other: Publisher
) -> None:
    place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "")
    async with place.closing:
        engine = await place.engine()
        await lived(engine, other)
        async with engine.database.read() as c:
            c.driver.execute("begin")
            await c.execute(select(engine.store.t.journal.c.seq))
            await engine.handle([other(ERASED, 1)])
            assert _copies(tmp_path) > 20
            c.driver.execute("rollback")
        await engine.handle([other(offer("r-9", "c-9"))])
        assert _copies(tmp_path) <= KEPT


async def test_nothing_is_left_in_the_files(tmp_path: Path, other: Publisher) -> None:
    place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "")
    async with place.closing:
        engine = await place.engine()
        await lived(engine, other)
        await engine.handle([other(offer(f"r-{n}", f"c-{n}")) for n in range(50)])
        assert _copies(tmp_path) > 50
        await engine.handle([other(ERASED, 1)])
        with sqlite3.connect(tmp_path / "matching.sqlite") as connection:
            heard = connection.execute("select count(*) from heard where subject = ?", (MARK,)).fetchone()[0]
            states = connection.execute('select count(*) from "case" where id = ?', (MARK,)).fetchone()[0]
        assert (heard, states) == (2, 1)
        assert _copies(tmp_path) <= KEPT


def _copies(folder: Path) -> int:
    """How often the files name the case, in rows or in what was left of rows."""
    return sum(path.read_bytes().count(MARK.encode()) for path in folder.iterdir())
