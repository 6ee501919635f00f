"""One letter, one link, however often it is tried; and a link ends with what it is for."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.intake.doors.mail.notices import Letter, Letterbox, NotNow
from shared.http.access import link_token, metadata
from shared.messages import Message, followup, matching
from tests.engine.door import Door
from tests.engine.intake_house import canonical, feed, open_intake, ref
from tests.engine.intake_mail_words import carry, case_of, letter


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        await feed(door, canonical("1", "2"))
        yield door


class Busy(Letterbox):
    """A mail server that takes a letter at the sixth time."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    async def send(self, letter: Letter) -> None:
        self.seen.append(letter.link)
        if len(self.seen) < 6:
            raise NotNow
        await super().send(letter)


async def links(door: Door) -> list[Any]:
    return [one for one in await door.running.access.keys("example", links=True) if one.case and not one.revoked_at]


async def opened(door: Door, link: str) -> Any:
    return await door.running.access.who(link.rpartition("/")[2])


async def test_a_letter_that_is_tried_six_times_makes_one_link(door: Door) -> None:
    case, post = (await case_of(door, "1")).id, Busy()
    event = letter(door, case, "colleague", "matched")
    before = len(await links(door))
    for _ in range(6):
        await carry(door, event, post)
    assert (len(set(post.seen)), len(await links(door)) - before) == (1, 1)
    assert (await opened(door, post.seen[0])).case == case
    again = letter(door, case, "colleague", "matched")
    await carry(door, again, post)
    assert (len(set(post.seen)), len(await links(door)) - before) == (2, 2)


async def test_the_link_of_a_letter_is_known_to_nobody_without_the_secret() -> None:
    tokens = {link_token(secret, id) for secret in ("one secret", "another") for id in ("e-1.0", "e-2.0")}
    assert len(tokens) == 4
    assert all(len(token) == len("naast_") + 32 for token in tokens)


async def test_no_link_stands_in_the_database(door: Door) -> None:
    post = Letterbox()
    await carry(door, letter(door, (await case_of(door, "1")).id, "colleague", "matched"), post)
    [mail] = post.take()
    async with door.running.access.database.read() as c:
        kept = str((await c.execute(select(metadata.tables["access_key"]))).all())
    token = mail.link.rpartition("/")[2]
    assert (token in mail.body, token in kept, hashlib.sha256(token.encode()).hexdigest() in kept) == (
        True,
        False,
        True,
    )


async def test_a_link_that_was_revoked_does_not_come_back_with_its_letter(door: Door) -> None:
    case, post = (await case_of(door, "1")).id, Letterbox()
    event = letter(door, case, "colleague", "matched")
    await carry(door, event, post)
    await door.running.access.end("example", [("colleague", "", case)])
    await carry(door, event, post)
    first, second = post.take()
    assert (first.link, await opened(door, first.link)) == (second.link, None)


def facts(case: str, carla: str) -> dict[str, Message]:
    return {
        "declined": matching.AskDeclined(case=case, supporter=carla, ask=1),
        "expired": matching.AskExpired(case=case, supporter=carla, ask=1),
        "withdrawn": matching.AskWithdrawn(case=case, supporter=carla, ask=1),
        "replaced": followup.ReplacementNeeded(case=case, supporter=carla),
        "closed": followup.CaseClosed(case=case, ending="completed", supporter=carla),
    }


@pytest.mark.parametrize("why", ["declined", "expired", "withdrawn", "replaced", "closed"])
async def test_a_supporters_link_ends_with_what_it_is_for(door: Door, why: str) -> None:
    case, other, carla = (await case_of(door, "1")).id, (await case_of(door, "2")).id, ref(door, "3")
    post = Letterbox()
    for one in (case, other):
        asked = matching.SupporterAsked(case=one, supporter=carla, ask=1, answer_by=door.clock.now())
        await door.hear(asked)
        await carry(door, letter(door, one, "supporter", person=carla), post)
    hers, elsewhere = post.take()
    await door.hear(facts(case, carla)[why])
    assert await opened(door, hers.link) is None
    assert (await opened(door, elsewhere.link)).case == other
    assert "Nothing is left to do here" in (await door.client.get(hers.link)).text
    assert (await door.client.post(f"{hers.link}/accept")).status_code == 410


async def test_a_yes_leaves_the_link_as_it_is(door: Door) -> None:
    case, carla, post = (await case_of(door, "1")).id, ref(door, "3"), Letterbox()
    await door.hear(matching.SupporterAsked(case=case, supporter=carla, ask=1, answer_by=door.clock.now()))
    await carry(door, letter(door, case, "supporter", person=carla), post)
    await door.hear(matching.AskAccepted(case=case, supporter=carla, ask=1))
    await door.hear(matching.SupporterMatched(case=case, supporter=carla))
    [hers] = post.take()
    assert (await opened(door, hers.link)).person == carla


@pytest.mark.parametrize(("ending", "lasts"), [("completed", True), ("declined", False), ("withdrawn", False)])
async def test_a_colleagues_link_lasts_as_long_as_there_is_something_to_say(
    door: Door, ending: Any, lasts: bool
) -> None:
    case, post = (await case_of(door, "1")).id, Letterbox()
    farewell = {"completed": "closed", "declined": "declined", "withdrawn": "closed"}[ending]
    await carry(door, letter(door, case, "colleague", "matched"), post)
    await door.hear(followup.CaseClosed(case=case, ending=ending))
    await carry(door, letter(door, case, "colleague", farewell), post)
    before, after = post.take()
    assert [await opened(door, before.link) is not None, "/l/" in after.link] == [lasts, lasts]
    await door.hear(followup.SupportDeclined(case=case))  # whoever stops everything
    assert await opened(door, before.link) is None
