"""A letter is leased by one at a time and finished once."""

import asyncio
from datetime import timedelta

from shared.messages import Event, intake, matching
from shared.testing import heard
from tests.engine.place import Place, rows, said
from tests.engine.toy import HOSPITAL, INTAKE, NOW


def told(case: str) -> Event:
    """Somebody must be told something about this case."""
    notice = matching.NoticeDue(regarding=case, to="colleague", template="matched", person="p-1")
    return heard(notice, hospital=HOSPITAL, at=NOW)


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
