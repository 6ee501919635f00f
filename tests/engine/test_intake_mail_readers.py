"""A letter to several is a letter to each of them: whoever gets hers does not hide who does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from services.intake.doors.mail.notices import Letter, Letterbox, MailCarrier, NotNow, Undeliverable
from shared.bus.letters import Letters
from shared.hospital import Hospital
from shared.messages import followup, intake, opened
from tests.engine.door import Door
from tests.engine.intake_house import canonical, feed, open_intake
from tests.engine.place import rows

MINUTE = timedelta(minutes=1)
DANGER = followup.NoticeDue(regarding="c-1", to="coordinator", template="danger", urgent=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    """Eva and Carla coordinate."""
    async with open_intake(request, tmp_path) as door:
        await feed(door, canonical("1"))
        hospitals = cast(dict[str, Hospital], door.running.hospitals)
        hospitals["example"] = hospitals["example"].model_copy(update={"coordinators": ("9", "3")})
        yield door


class Refusing(Letterbox):
    """Refuses the letters of one reader, for good or for now."""

    def __init__(self, whom: str, error: Exception) -> None:
        super().__init__()
        self.whom, self.error = whom, error

    async def send(self, letter: Letter) -> None:
        if letter.to.startswith(self.whom):
            raise self.error
        await super().send(letter)


async def carried(door: Door, post: Letterbox, rounds: int = 3) -> list[str]:
    """Who got the letter that danger was reported, when letters were carried some times, a while apart."""
    door.running.tools["post"] = post
    letters = Letters(door.running.engine, MailCarrier(door.running))
    for _ in range(rounds):
        await letters.carry_due()
        door.clock.move_to(door.clock.now() + 3 * MINUTE)
    return [one.to.partition("@")[0] for one in post.letters if "c-1" not in one.body]


async def told(door: Door) -> list[tuple[str, str]]:
    """What is said of letters about the case: the name of the fact, and the reason."""
    found = [opened(body.encode()).data for body in await rows(door.running.engine, "journal", "event")]
    facts = [one for one in found if isinstance(one, intake.NoticeSent | intake.NoticeFailed)]
    return sorted((one.name, getattr(one, "reason", "")) for one in facts if one.regarding == "c-1")


async def test_who_never_got_the_word_that_danger_was_reported_is_told_of_beside_who_did(door: Door) -> None:
    await door.hear(DANGER)
    assert "eva" in await carried(door, Refusing("carla", Undeliverable(550)))
    assert await told(door) == [("notice_failed", "smtp_550"), ("notice_sent", "")]


async def test_a_letter_to_one_that_raises_keeps_none_from_another(door: Door) -> None:
    await door.hear(DANGER)
    assert await carried(door, Refusing("eva", LookupError())) == ["carla"]
    assert await told(door) == [("notice_sent", "")]


async def test_both_are_written_to_once(door: Door) -> None:
    await door.hear(DANGER)
    got = await carried(door, Letterbox())
    assert sorted(got) == ["carla", "eva"]
    assert await told(door) == [("notice_sent", ""), ("notice_sent", "")]


async def test_who_cannot_be_reached_now_is_tried_again_and_the_other_is_not_written_to_twice(door: Door) -> None:
    await door.hear(DANGER)
    refusing = Refusing("carla", NotNow())
    assert await carried(door, refusing) == ["eva"]
    assert await told(door) == [("notice_sent", "")]
    refusing.whom = "nobody"
    assert sorted(await carried(door, refusing)) == ["carla", "eva"]
    assert await told(door) == [("notice_sent", ""), ("notice_sent", "")]


async def test_what_is_said_of_a_letter_names_a_role_and_nobody(door: Door) -> None:
    await door.hear(DANGER)
    await carried(door, Refusing("carla", Undeliverable(550)))
    bodies = [body for body in await rows(door.running.engine, "journal", "event") if "notice_failed" in body]
    assert [opened(body.encode()).data for body in bodies] == [
        intake.NoticeFailed(regarding="c-1", to="coordinator", template="danger", reason="smtp_550")
    ]
