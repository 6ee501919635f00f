"""The count outside the product: what the feed handed over, what people received, and what the audit log says of it.

Lost is what was handed over and had no effect; doubled is an effect that happened more than once.
"""

from __future__ import annotations

import email
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.messages import SERVICES, heard_by
from tests.live import ward


@dataclass
class Mailroom:
    """A mail server that keeps who was sent what. A second copy with the same Message-ID is counted, not kept."""

    received: dict[str, str] = field(default_factory=dict)
    copies: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        id = str(email.message_from_bytes(content)["Message-ID"])
        self.copies += id in self.received
        self.received[id] = envelope.rcpt_tos[0]
        return "250 OK"


@dataclass
class Ledger:
    """What was handed over and accepted: numbers of reports."""

    accepted: set[int] = field(default_factory=set)
    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)

    def compare(self, what: str, expected: Iterable[Any], found: Iterable[Any]) -> None:
        wanted, there = Counter(expected), Counter(found)
        self.lost[what] += (wanted - there).total()
        self.doubled[what] += (there - wanted).total()

    @property
    def differences(self) -> dict[str, int]:
        return {f"{what} {how}": n for how in ("lost", "doubled") for what, n in getattr(self, how).items() if n}


async def reckon(
    ledger: Ledger, reports: list[dict[str, Any]], mailroom: Mailroom, database: asyncpg.Connection
) -> None:
    """Compares what was accepted with the coordinator's list, the mailboxes and the audit log. Call it when all is
    quiet.
    """
    ledger.lost.clear()
    ledger.doubled.clear()
    numbers = [str(number) for number in ledger.accepted]
    ledger.compare("report", numbers, [report["report_id"] for report in reports])
    offered = [(r["report_id"], p["staff_id"]) for r in reports for p in r["people"] if p["offered"]]
    ledger.compare("offer", [(number, staff) for number in numbers for staff in ward.COLLEAGUES], offered)
    cases = await _column(database, 'select id from followup."case"')
    ledger.compare("case", cases, await _column(database, 'select id from matching."case"'))
    ledger.compare("case of a colleague", range(len(offered)), range(len(cases)))
    asked = await _spoken(database, "matching", "supporter_asked")
    ledger.compare("ask", cases * len(ward.SUPPORTERS), [case for case, _ in asked])
    ledger.compare("ask of one supporter", set(asked), asked)
    expired = await _spoken(database, "matching", "ask_expired")
    ledger.compare("ask that passed", asked, expired)
    failed = await database.fetch("select subject from matching.journal where type like '%match_failed%'")
    ledger.compare("search without result", cases, [row[0] for row in failed])
    missed = await database.fetch("select subject from followup.journal where type like '%clock_missed%'")
    ledger.compare("missed clock", cases, [row[0] for row in missed])
    letters = await database.fetch("select id from intake.journal where type = 'naast.intake.notice.v1'")
    ledger.compare("letter", range(len(letters)), range(len(mailroom.received)))
    sent = await database.fetch("select id from intake.journal where type like '%notice_sent%'")
    ledger.compare("receipt of a letter", range(len(letters)), range(len(sent)))
    for boxes in ward.SUPPORTERS:
        mine = [id for id, to in mailroom.received.items() if to == ward.mail_of(boxes)]
        ledger.compare("letter to a supporter", range(len(cases)), range(len(mine)))
    for service in SERVICES:
        ledger.doubled["dead letter"] += await database.fetchval(f"select count(*) from {service}.dead_letter")
        ledger.lost["parked"] += await database.fetchval(f"select count(*) from {service}.parked")


async def is_busy(database: asyncpg.Connection) -> bool:
    """Whether something is due or on its way: a row that must still go, or a fact that a subscriber has not heard."""
    for name in SERVICES:
        waiting = (
            f"select count(*) from {name}.pending where destination = 'amqp' or due_at <= now() + interval '2 minutes'"
        )
        if await database.fetchval(waiting):
            return True
        for hearer in SERVICES:
            said = f"select count(*) from {name}.journal where type = any($1)"
            heard = f"select coalesce(sum(sequence), 0) from {hearer}.heard where publisher = '{name}'"
            if await database.fetchval(heard) != await database.fetchval(said, heard_by(hearer)):
                return True
    return False


async def _column(database: asyncpg.Connection, query: str) -> list[str]:
    return [str(row[0]) for row in await database.fetch(query)]


async def _spoken(database: asyncpg.Connection, service: str, name: str) -> list[tuple[str, str]]:
    query = (
        f"select subject, event::jsonb -> 'data' ->> 'supporter' from {service}.journal where type like '%.{name}.v1'"
    )
    return [(row[0], row[1]) for row in await database.fetch(query)]
