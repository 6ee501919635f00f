"""A letter is leased by one at a time and finished once, soon after it was sent; what is wrong with it is its alone."""

import asyncio
from datetime import timedelta
from math import ceil
from unittest.mock import patch

from shared.bus.letters import Letters
from shared.engine.engine import LETTER_GRACE
from shared.messages import Event, Message, intake
from tests.engine.house import Postman
from tests.engine.place import Place, eventually, rows, said
from tests.engine.toy import INTAKE, told


async def test_two_callers_never_lease_the_same_letter(place: Place) -> None:
    one, two = await place.callers(INTAKE)
    await one.handle([told(f"c-{n}") for n in range(40)])
    place.clock.move_to(place.clock.now() + timedelta(minutes=2))
    leased = await asyncio.gather(*(engine.lease_letters(5) for engine in (one, two) * 8))
    letters = [parcel.event.subject for parcels in leased for parcel in parcels]
    assert sorted(letters) == sorted(f"c-{n}" for n in range(40))


async def test_a_letter_whose_lease_is_over_is_finished_by_whoever_has_it(place: Place) -> None:
    engine = await place.engine(INTAKE)
    [slow] = (await engine.handle([told("c-1")])).parcels
    place.clock.move_to(place.clock.now() + timedelta(minutes=2))
    [leased] = await engine.lease_letters()
    assert await engine.lease_letters() == []
    gone = intake.NoticeGone(regarding="c-1", to="colleague", template="matched", outcome="sent")
    await engine.finish([(slow, gone)])
    await engine.finish([(leased, gone)])
    await engine.finish([(leased, gone)])
    assert await said(engine) == ["notice c-1", "notice_sent c-1 1"]


async def test_a_receipt_that_cannot_be_kept_is_set_aside_and_its_letter_does_not_leave_again(place: Place) -> None:
    async def after(_: object, events: list[Event]) -> None:
        if any(isinstance(event.data, intake.NoticeGone) and event.subject == "c-2" for event in events):
            raise LookupError

    engine = await place.engine(INTAKE, after=after)
    letters = (await engine.handle([told(f"c-{n}") for n in (1, 2, 3)])).parcels
    gone = [
        intake.NoticeGone(regarding=one.event.subject, to="colleague", template="matched", outcome="sent")
        for one in letters
    ]
    await engine.finish(list(zip(letters, gone, strict=True)))
    assert [line for line in await said(engine) if line.startswith("notice_sent")] == [
        "notice_sent c-1 1",
        "notice_sent c-3 1",
    ]
    assert await rows(engine, "dead_letter", "subject", "reason") == [("c-2", "LookupError")]
    assert await rows(engine, "pending") == []


async def test_a_letter_is_accounted_for_while_the_next_one_hangs(place: Place) -> None:
    engine, postman = await place.engine(INTAKE), Postman()
    postman.hangs.add("c-2")
    letters = Letters(engine, postman)
    letters.add((await engine.handle([told("c-1"), told("c-2")])).parcels)
    carrying = asyncio.create_task(letters.carry_fresh())

    async def _is_accounted_for() -> bool:
        return "notice_sent c-1 1" in await said(engine)

    await eventually(_is_accounted_for)
    assert (postman.tried, carrying.done()) == (["c-1", "c-2"], False)
    carrying.cancel()
    await asyncio.gather(carrying, return_exceptions=True)


async def test_letters_that_were_sent_at_one_moment_are_accounted_for_at_once(place: Place) -> None:
    engine, postman = await place.engine(INTAKE), Postman()
    letters = Letters(engine, postman)
    letters.add((await engine.handle([told(f"c-{n}") for n in range(50)])).parcels)
    with patch.object(engine, "finish", wraps=engine.finish) as finish, patch("shared.bus.letters._MOMENT", 60):
        assert await letters.carry_fresh() == 50
    transactions = ceil(50 / engine.at_once)
    assert (finish.await_count, len(postman.tried), await rows(engine, "pending")) == (transactions, 50, [])


async def test_a_letter_is_not_begun_when_half_of_its_lease_is_over(place: Place) -> None:
    engine, postman = await place.engine(INTAKE), Postman()

    class Slow(Postman):
        async def carry(self, event: Event) -> Message | None:
            place.clock.move_to(place.clock.now() + LETTER_GRACE * 0.6)
            return await super().carry(event)

    slow = Slow()
    await engine.handle([told(f"c-{n}") for n in range(3)])
    place.clock.move_to(place.clock.now() + LETTER_GRACE)
    assert await Letters(engine, slow).carry_due() == 3
    assert (slow.tried, await Letters(engine, postman).carry_due()) == (["c-0"], 0)
    place.clock.move_to(place.clock.now() + LETTER_GRACE)
    assert (await Letters(engine, postman).carry_due(), postman.tried) == (2, ["c-1", "c-2"])


async def test_a_letter_for_which_nothing_can_be_looked_up_harms_no_other(place: Place) -> None:
    engine, postman = await place.engine(INTAKE), Postman()
    postman.unknown.add("c-1")
    letters = Letters(engine, postman)
    letters.add((await engine.handle([told(f"c-{n}") for n in range(3)])).parcels)
    assert await letters.carry_fresh() == 3
    assert (postman.tried, len(await rows(engine, "pending"))) == (["c-0", "c-2"], 1)
    assert len(await rows(engine, "strike")) == 1
