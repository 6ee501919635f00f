"""What each service of the comparison does with each message."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.benchmarks.usual.messages import (
    AskAccepted,
    NoticeDue,
    NoticeSent,
    Reported,
    Said,
    SupporterAsked,
    SupporterMatched,
    SupportOffered,
)
from tests.benchmarks.usual.tables import Ask, Case, Clock, Link, Notice, Report, Supporter, Told
from tests.benchmarks.usual.unit import Unit

Handlers = dict[type[Any], Callable[[Any], Awaitable[None]]]


def intake(unit: Unit) -> Handlers:
    async def on_report(message: Reported) -> None:
        async with unit.session() as session:
            if not await unit.first_time(session, message.id):
                return
            data, case = message.data, f"c-{uuid4().hex[:10]}"
            [named] = data.staff
            codes = data.model_dump(include={"harm", "calamity", "department", "reported_at"})
            session.add(Report(hospital=message.hospitalid, id=message.id, **codes))
            session.add(Link(case=case, hospital=message.hospitalid, staff=named.ref))
            offered = SupportOffered(
                hospital=message.hospitalid,
                case=case,
                report=message.id,
                colleague=f"p-{uuid4().hex[:10]}",
                profession="nurse",
                department=data.department,
                t0=data.reported_at,
            )
            await unit.commit(session, offered)

    async def on_asked(message: SupporterAsked) -> None:
        await link(message, asked=message.supporter)

    async def on_accepted(message: AskAccepted) -> None:
        await link(message, asked="")

    async def on_matched(message: SupporterMatched) -> None:
        await link(message, asked="", matched=message.supporter)

    async def link(message: Said, **changes: str) -> None:
        async with unit.session() as session:
            if await unit.first_time(session, message.id):
                row = await session.get(Link, message.case, with_for_update=True)
                assert row is not None
                row.sqlmodel_update(changes)
                await unit.commit(session)

    async def on_notice(message: NoticeDue) -> None:
        async with unit.session() as session:
            if await unit.first_time(session, message.id):
                session.add(Notice(case=message.case, to=message.to, template=message.template))
                sent = NoticeSent(
                    hospital=message.hospital, case=message.case, to=message.to, template=message.template
                )
                await unit.commit(session, sent)

    return {
        Reported: on_report,
        SupporterAsked: on_asked,
        AskAccepted: on_accepted,
        SupporterMatched: on_matched,
        NoticeDue: on_notice,
    }


def matching(unit: Unit) -> Handlers:
    async def on_offered(message: SupportOffered) -> None:
        async with unit.session() as session:
            if not await unit.first_time(session, message.id):
                return
            chosen = (await session.exec(_next_supporter(message))).one()
            chosen.open_cases += 1
            answer_by = datetime.now(UTC) + timedelta(hours=4)
            session.add(Ask(case=message.case, hospital=message.hospital, asked=chosen.id, status="asked"))
            session.add(Clock(case=message.case, name="answer", due_at=answer_by))
            about = {"hospital": message.hospital, "case": message.case}
            asked = SupporterAsked(supporter=chosen.id, answer_by=answer_by, **about)
            await unit.commit(session, asked, NoticeDue(to="supporter", template="ask", person=chosen.id, **about))

    return {SupportOffered: on_offered}


def _next_supporter(message: SupportOffered) -> Any:
    """The one with the fewest open cases, then whoever is idle longest, of the same profession and not from there."""
    query = select(Supporter).where(
        Supporter.hospital == message.hospital,
        Supporter.profession == message.profession,
        Supporter.department != message.department,
    )
    return query.order_by(Supporter.open_cases, Supporter.idle_since).limit(1).with_for_update()  # type: ignore[arg-type]


async def accept(unit: Unit, case: str, supporter: str) -> bool:
    """matching: a supporter says yes. False when it is not her who is asked."""
    async with unit.session() as session:
        ask = await session.get(Ask, case, with_for_update=True)
        if ask is None or ask.asked != supporter or ask.status != "asked":
            return False
        ask.status = "matched"
        row = await session.get(Supporter, (ask.hospital, supporter), with_for_update=True)
        assert row is not None
        row.idle_since = datetime.now(UTC)
        about = {"hospital": ask.hospital, "case": case}
        await unit.commit(
            session,
            AskAccepted(supporter=supporter, **about),
            SupporterMatched(supporter=supporter, **about),
            NoticeDue(to="colleague", template="matched", person="", **about),
            NoticeDue(to="supporter", template="contact_card", person=supporter, **about),
        )
    return True


def followup(unit: Unit) -> Handlers:
    async def on_offered(message: SupportOffered) -> None:
        async with unit.session() as session:
            if await unit.first_time(session, message.id):
                case = await _case(session, message)
                case.colleague, case.t0 = message.colleague, message.t0
                case.status = "offered" if case.status == "unknown" else case.status
                for name, hours in (("assignment", 24), ("contact", 48)):
                    session.add(Clock(case=case.id, name=name, due_at=message.t0 + timedelta(hours=hours)))
                _tell(session, message)
                await unit.commit(session)

    async def on_matched(message: SupporterMatched) -> None:
        async with unit.session() as session:
            if await unit.first_time(session, message.id):
                case = await _case(session, message)
                case.supporter, case.status = message.supporter, "matched"
                session.add(Clock(case=case.id, name="attempt", due_at=datetime.now(UTC) + timedelta(hours=24)))
                _tell(session, message)
                await unit.commit(session)

    async def on_asked(message: SupporterAsked) -> None:
        await tell(message)

    async def on_accepted(message: AskAccepted) -> None:
        await tell(message)

    async def on_notice(message: NoticeDue) -> None:
        await tell(message)

    async def on_notice_sent(message: NoticeSent) -> None:
        await tell(message)

    async def tell(message: Said) -> None:
        async with unit.session() as session:
            if await unit.first_time(session, message.id):
                _tell(session, message)
                await unit.commit(session)

    return {
        SupportOffered: on_offered,
        SupporterMatched: on_matched,
        SupporterAsked: on_asked,
        AskAccepted: on_accepted,
        NoticeDue: on_notice,
        NoticeSent: on_notice_sent,
    }


async def _case(session: AsyncSession, message: Said) -> Case:
    """The row of a case, made where this is the first that is heard of it."""
    case = await session.get(Case, message.case, with_for_update=True)
    if case is None:
        case = Case(id=message.case, hospital=message.hospital)
        session.add(case)
    return case


def _tell(session: AsyncSession, message: Said) -> None:
    session.add(Told(case=message.case, what=type(message).__name__, data=message.model_dump_json()))


def training(unit: Unit) -> Handlers:
    """It hears nothing that concerns it."""
    return {}


SERVICES: dict[str, Callable[[Unit], Handlers]] = {
    "intake": intake,
    "matching": matching,
    "followup": followup,
    "training": training,
}
