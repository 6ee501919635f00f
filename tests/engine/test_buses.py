"""What holds on both buses: everything arrives once, and one that is in trouble delays only itself."""

from datetime import timedelta

import pytest

from shared.bus import patience
from tests.engine.house import House, away
from tests.engine.place import rows, said, state
from tests.engine.toy import Case, Mail, Publisher, accept, offer, qualified


async def test_an_offer_becomes_an_ask_a_match_and_one_letter(house: House, other: Publisher) -> None:
    async with house.at_work():
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house, "c-1"))
        await house.matching.ask(accept("c-1", "s-1"))
        await house.until(lambda: _sent(house, "c-1"))
        await house.until(house.is_quiet)
    assert house.postman.tried == ["c-1"]
    assert await said(house.intake) == ["notice c-1", "notice_sent c-1 1"]


async def test_ten_minutes_without_database_leave_no_dead_letter(
    house: House, other: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.01)
    async with house.at_work():
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house, "c-1"))
        with away(house.intake) as attempts:
            await house.matching.ask(accept("c-1", "s-1"))
            times = 25 if house.url else 3  # on the broker: more often than it delivers before it gives up
            for _ in range(times):
                house.place.clock.move_to(house.place.clock.now() + timedelta(minutes=10) / times)
                before = len(attempts)
                await house.until(lambda before=before: _more(attempts, before))  # type: ignore[misc]
        house.place.clock.move_to(house.place.clock.now() + timedelta(seconds=10))
        await house.until(lambda: _sent(house, "c-1"))
        await house.until(house.is_quiet)
    assert [await rows(engine, "dead_letter") for engine in house.engines.values()] == [[], []]
    assert house.postman.tried == ["c-1"]


async def test_a_subscriber_without_database_delays_only_itself(house: House, other: Publisher) -> None:
    async with house.at_work():
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house, "c-1"))
        with away(house.intake) as attempts:
            await house.matching.ask(accept("c-1", "s-1"))
            await house.hear(other(offer("r-2", "c-2")))
            await house.until(lambda: _asked(house, "c-2"))
            await house.until(lambda: _more(attempts, 0))
        assert house.postman.tried == []
        house.place.clock.move_to(house.place.clock.now() + timedelta(seconds=10))
        await house.until(lambda: _sent(house, "c-1"))
        await house.until(house.is_quiet)
    assert await rows(house.intake, "dead_letter") == []


async def test_a_letter_that_cannot_be_tried_now_goes_later_and_once(house: House, other: Publisher) -> None:
    house.postman.open = False
    async with house.at_work():
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house, "c-1"))
        await house.matching.ask(accept("c-1", "s-1"))
        await house.until(lambda: _tried(house, 1))
        house.postman.open = True
        house.place.clock.move_to(house.place.clock.now() + timedelta(minutes=2))
        await house.until(lambda: _sent(house, "c-1"))
    assert house.postman.tried == ["c-1", "c-1"]
    assert await said(house.intake) == ["notice c-1", "notice_sent c-1 1"]


async def test_a_timer_fires_when_its_moment_comes(house: House, other: Publisher) -> None:
    async with house.at_work():
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house, "c-1"))
        house.place.clock.move_to(house.place.clock.now() + timedelta(hours=4, seconds=1))
        await house.until(lambda: _expired(house, "c-1"))
    assert await said(house.matching) == ["supporter_asked c-1 1", "answer_due c-1", "ask_expired c-1 2"]


async def test_what_was_committed_and_not_published_goes_out_at_the_next_start(house: House, other: Publisher) -> None:
    async with house.at_work():
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house, "c-1"))
        house.matching.publish = None  # as if the process died between commit and publish
        await house.matching.ask(accept("c-1", "s-1"))
    assert (house.postman.tried, await state(house.intake, Mail, "c-1")) == ([], None)
    house.place.clock.move_to(house.place.clock.now() + timedelta(seconds=10))
    async with house.at_work():
        await house.until(lambda: _sent(house, "c-1"))
        await house.until(house.is_quiet)


async def _asked(house: House, case: str) -> bool:
    found = await state(house.matching, Case, case)
    return found is not None and found.asks == 1


async def _expired(house: House, case: str) -> bool:
    return bool((await state(house.matching, Case, case)).asked == "")


async def _sent(house: House, case: str) -> bool:
    found = await state(house.intake, Mail, case)
    return found is not None and found.sent == 1


async def _tried(house: House, times: int) -> bool:
    return len(house.postman.tried) == times


async def _more(attempts: list[int], before: int) -> bool:
    return len(attempts) > before
