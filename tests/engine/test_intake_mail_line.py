"""Letters that leave together share a connection and their questions; what breaks off costs them nothing but time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from services.intake.doors.mail import line
from services.intake.doors.mail.notices import Letter, MailCarrier, SmtpPost
from shared.bus.letters import Letters
from shared.db import Transaction
from shared.messages import Event, followup
from shared.testing import NOW
from tests.engine.door import Door
from tests.engine.intake_house import canonical, feed, open_intake
from tests.engine.intake_mail_words import case_of, letter
from tests.engine.mail_server import MailServer, open_mail_server
from tests.engine.place import eventually, rows

ANNA, BRAM, EVA = "anna@example.org", "bram@example.org", "eva@example.org"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with open_mail_server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        await feed(door, canonical("1", "2"))
        yield door


@pytest.fixture
async def post(server: MailServer) -> AsyncIterator[SmtpPost]:
    post = SmtpPost(server.url, "naast@example.org")
    yield post
    await post.close()


def to(*people: str) -> list[Letter]:
    return [Letter(one, "subject", "body", "link", NOW, f"e-{n}") for n, one in enumerate(people)]


async def outcomes(post: Any, letters: list[Letter]) -> list[str]:
    """What became of each of these letters."""
    found = []
    for one in letters:
        try:
            await post.send(one)
        except (line.NotNow, line.Undeliverable) as error:
            found.append(type(error).__name__)
        else:
            found.append("sent")
    return found


async def carried(door: Door, post: Any, letters: list[Event]) -> list[Any]:
    """The receipts of these letters, which leave together."""
    door.running.tools["post"] = post
    send = await MailCarrier(door.running).prepare(letters)
    return [await send(one) for one in letters]


async def to_colleagues(door: Door, count: int) -> list[Event]:
    """Letters to Anna and Bram by turns."""
    cases = [(await case_of(door, staff_id)).id for staff_id in ("1", "2")]
    return [letter(door, cases[n % 2], "colleague") for n in range(count)]


@contextmanager
def questions() -> Iterator[list[Any]]:
    """What is asked of databases meanwhile, beside the engine's own statements."""
    asked: list[Any] = []
    rows, execute = Transaction.rows, Transaction.execute

    async def _rows(self: Transaction, sql: str, *values: Any) -> Any:
        asked.append(sql)
        return await rows(self, sql, *values)

    async def _execute(self: Transaction, *arguments: Any, **options: Any) -> Any:
        asked.append(arguments[0])
        return await execute(self, *arguments, **options)

    with patch.object(Transaction, "rows", _rows), patch.object(Transaction, "execute", _execute):
        yield asked


async def test_fifty_letters_that_are_due_together_take_one_connection_and_a_handful_of_questions(
    door: Door, server: MailServer, post: SmtpPost
) -> None:
    engine, cases = door.running.engine, [(await case_of(door, staff_id)).id for staff_id in ("1", "2")]
    waiting = (await rows(engine, "pending", "destination")).count("mail")
    await door.hear(
        *(followup.NoticeDue(regarding=cases[n % 2], to="colleague", template="matched") for n in range(50 - waiting))
    )
    door.clock.move_to(door.clock.now() + timedelta(minutes=2))
    door.running.tools["post"] = post
    with questions() as asked:
        assert await Letters(engine, MailCarrier(door.running)).carry_due() == 50
    assert (len({mail["Message-ID"] for _, mail in server.mails}), len(server.lines)) == (50, 1)
    assert len(asked) <= 5, asked
    assert "mail" not in await rows(engine, "pending", "destination")


async def test_a_connection_that_the_mail_server_ended_meanwhile_costs_no_letter(
    server: MailServer, post: SmtpPost
) -> None:
    assert await outcomes(post, to(ANNA)) == ["sent"]
    server.hang_up()
    assert await outcomes(post, to(BRAM)) == ["sent"]
    server.tired = 2  # it ends two more while it is told of the next letter
    assert await outcomes(post, to(EVA, ANNA)) == ["sent", "sent"]
    assert [len(server.lines), [one for one, _ in server.mails]] == [4, [ANNA, BRAM, EVA, ANNA]]


async def test_nothing_of_a_letter_that_was_refused_is_left_for_the_next_to_meet(
    server: MailServer, post: SmtpPost
) -> None:
    server.refuse = {ANNA: "550 no such mailbox", BRAM: "451 try again later"}
    assert await outcomes(post, to(ANNA, BRAM, EVA)) == ["Undeliverable", "NotNow", "sent"]
    assert len(server.lines) == 1
    server.unwilling = 2
    assert await outcomes(post, to(ANNA, EVA)) == ["Undeliverable", "sent"]
    assert len(server.lines) == 2


async def test_a_mail_server_that_swallows_connections_is_waited_for_once_for_all(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TIMEOUT", 0.2)
    swallowed: list[asyncio.BaseTransport] = []

    class Silent(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            swallowed.append(transport)

    silent = await asyncio.get_running_loop().create_server(Silent, "127.0.0.1", 0)
    url = f"smtp://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    letters, before = await to_colleagues(door, 50), await links(door)
    assert await carried(door, SmtpPost(url, "naast@example.org"), letters) == [None] * 50
    assert [len(swallowed), await links(door)] == [1, before]
    for transport in swallowed:
        transport.close()
    silent.close()


async def test_a_letter_under_which_the_connection_breaks_off_holds_up_no_other(
    door: Door, server: MailServer, post: SmtpPost
) -> None:
    server.breaks_off_at.add(ANNA)
    anna, bram, *more = await to_colleagues(door, 6)
    assert [receipt and receipt.outcome for receipt in await carried(door, post, [anna, bram])] == [None, "sent"]
    assert [one for one, _ in server.mails] == [BRAM]
    tried = len(server.lines)
    assert await carried(door, post, [anna, *more]) == [None] * 5  # it breaks off twice: nobody else is made to wait
    assert len(server.lines) <= tried + 2


async def test_the_line_is_hung_up_when_no_letter_comes_and_when_the_post_closes(
    server: MailServer, post: SmtpPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def _hung_up() -> bool:
        return server.goodbyes == 1

    await outcomes(post, to(ANNA, BRAM))
    await post.close()
    assert server.goodbyes == 1
    server.goodbyes = 0
    monkeypatch.setattr(line, "IDLE", 0.05)
    assert await outcomes(post, to(EVA)) == ["sent"]
    await eventually(_hung_up)
    assert len(server.lines) == 2


async def links(door: Door) -> int:
    """How many links there are for cases."""
    return len(await door.running.access.keys("example", links=True))
