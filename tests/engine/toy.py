"""Two small services for the tests of the engine: a matching that asks supporters, and an intake that sends letters.

They do just enough to need everything that the engine does: two kinds of states, a pool, a timer, a letter, a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.db import service_metadata
from shared.engine.tables import StateRow, StateTable, engine_tables
from shared.engine.world import Key, Later, Protocol, Said, State, World
from shared.hospital import Hospital, HospitalError, NotInForce
from shared.messages import Event, Message, followup, intake, matching, training
from shared.mistake import Mistake
from shared.testing import a_hospital, heard

NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
ANSWER_TIME = timedelta(hours=4)
HOSPITAL = "example"


class Case(State):
    offered: bool = False
    asked: str = ""
    asks: int = 0
    accepted: bool = False
    talks: tuple[int, ...] = ()
    ending: str = ""
    woken: int = 0


class Supporter(State):
    open: int = 0
    standing: str = "unknown"


class Mail(State):
    sent: int = 0


def touches(event: Event) -> Iterator[tuple[type[State], str]]:
    match event.data:
        case intake.SupportOffered(colleagues=colleagues):
            yield from ((Case, colleague.case) for colleague in colleagues)
        case matching.SupporterAsked() | matching.AskExpired() | matching.AskAccepted() as said:
            yield Case, said.case
            yield Supporter, said.supporter
        case matching.MatchFailed(case=case) | matching.AskWithdrawn(case=case) | matching.AnswerDue(case=case):
            yield Case, case
        case matching.AcceptAsk(case=case) | followup.ConversationHeld(case=case) | followup.CaseClosed(case=case):
            yield Case, case
        case followup.CaseErased(case=case):
            yield Case, case
        case matching.PlanMade(report=report):
            yield Case, report
        case matching.Refused(regarding=case) | matching.NoticeDue(regarding=case) | intake.TaskRaised(regarding=case):
            yield Case, case
        case training.SupporterQualified() | training.SupporterSuspended() | training.SupporterReinstated() as heard:
            yield Supporter, heard.supporter


def evolve(state: Any, event: Event) -> Any:
    match event.data, state:
        case matching.AcceptAsk(), _:
            raise AssertionError("a command is no fact")
        case matching.AnswerDue(), Case():
            return state.but(woken=state.woken + 1)
        case intake.SupportOffered(), Case():
            return state.but(offered=True)
        case matching.SupporterAsked(supporter=supporter), Case():
            return state.but(asked=supporter, asks=state.asks + 1)
        case matching.SupporterAsked(), Supporter():
            return state.but(open=state.open + 1)
        case matching.AskAccepted(), Case():
            return state.but(accepted=True)
        case ((matching.AskExpired() | matching.AskWithdrawn()), Case()):
            return state.but(asked="")
        case matching.AskExpired(), Supporter():
            return state.but(open=state.open - 1)
        case followup.ConversationHeld(number=number), Case():
            return state.but(talks=(*state.talks, number))
        case followup.CaseClosed(ending=ending), Case():
            return state.but(ending=ending)
        case followup.CaseErased(), Case():
            return Case(hospital=state.hospital, id=state.id, ending="erased")
        case ((training.SupporterQualified() | training.SupporterReinstated()), Supporter()):
            return state.but(standing="good")
        case training.SupporterSuspended(), Supporter():
            return state.but(standing="suspended")
    return state


def decide(world: World, event: Event) -> Iterator[Said]:
    match event.data:
        case intake.SupportOffered(colleagues=colleagues):
            for colleague in colleagues:
                yield from _ask(world, colleague.case)
        case intake.SupportWithdrawn(cases=cases):  # touches foresees none of these cases
            for case in cases:
                if world.get(Case, case).asked:
                    yield matching.AskWithdrawn(case=case, supporter=world.get(Case, case).asked, ask=1)
        case matching.AnswerDue(case=case, ask=ask):
            now = world.get(Case, case)
            if now.asked and not now.accepted and now.asks == ask:
                yield matching.AskExpired(case=case, supporter=now.asked, ask=ask)
        case matching.AcceptAsk(case=case, by=by):
            yield from _accept(world.get(Case, case), by)
        case intake.SupporterInvolved(report=report, cases=cases):
            yield matching.PlanMade(report=report, cases=cases, departments=1, asked=len(cases), left=0)
        case intake.TaskRaised(task="explode"):
            raise ZeroDivisionError


def _ask(world: World, case: str) -> Iterator[Said]:
    if world.get(Case, case).asks:
        return
    able = [supporter for supporter in world.pool(Supporter) if supporter.standing == "good"]
    if not able:
        yield matching.MatchFailed(case=case, pool=len(list(world.pool(Supporter))), removed={})
        return
    fairest = min(able, key=lambda supporter: (supporter.open, supporter.id))
    until = world.now + ANSWER_TIME
    yield matching.SupporterAsked(case=case, supporter=fairest.id, ask=1, answer_by=until)
    yield Later(matching.AnswerDue(case=case, ask=1), until)


def _accept(case: Case, by: str) -> Iterator[Said]:
    if case.asked != by or case.accepted:
        yield matching.Refused(regarding=case.id, command="accept_ask", rule="MATCH-9")
        return
    yield matching.AskAccepted(case=case.id, supporter=by, ask=case.asks)
    yield matching.NoticeDue(regarding=case.id, to="colleague", template="matched", person="p-1")


def mail_touches(event: Event) -> Iterator[tuple[type[State], str]]:
    match event.data:
        case (
            matching.NoticeDue(regarding=case)
            | intake.NoticeSent(regarding=case)
            | intake.NoticeFailed(regarding=case)
            | intake.NoticeGone(regarding=case)
        ):
            yield Mail, case


def mail_evolve(state: Any, event: Event) -> Any:
    return state.but(sent=state.sent + 1) if isinstance(event.data, intake.NoticeSent) else state


def mail_decide(world: World, event: Event) -> Iterator[Said]:
    match event.data:
        case matching.NoticeDue(regarding=case, to=to, person=person, template=template):
            yield intake.Notice(regarding=case, to=to, person=person, template=template)
        case intake.NoticeGone(regarding=case, to=to, template=template, outcome="failed", reason=reason):
            yield intake.NoticeFailed(regarding=case, to=to, template=template, reason=reason)
        case intake.NoticeGone(regarding=case, to=to, template=template):
            yield intake.NoticeSent(regarding=case, to=to, template=template)


@dataclass(frozen=True)
class Toy:
    """A service with its tables."""

    protocol: Protocol
    metadata: MetaData
    states: tuple[StateTable, ...]


def _toy(protocol: Protocol) -> Toy:
    metadata = service_metadata()
    engine_tables(metadata)
    base: Any = type("Base", (SQLModel,), {"__module__": __name__}, registry=registry(metadata=metadata))
    return Toy(protocol, metadata, tuple(_table(kind, base) for kind in protocol.kinds))


def _table(kind: type[State], base: Any) -> StateTable:
    name = kind.__name__
    body = {"__module__": __name__, "__tablename__": name.lower()}
    row: Any = type(f"{name}Row", (StateRow, base), body, table=True)
    return StateTable(kind, row, lambda state: {})


MATCHING = _toy(Protocol("matching", (Case, Supporter), touches, evolve, decide, pooled=Supporter))
INTAKE = _toy(Protocol("intake", (Mail,), mail_touches, mail_evolve, mail_decide))


# -- what comes from others


@dataclass
class Publisher:
    """Somebody else's events, numbered per subject as the engine of that service would do; every service hears them."""

    said: dict[Key, int] = field(default_factory=dict)

    def __call__(self, message: Message, n: int | None = None, hospital: str = HOSPITAL) -> Event:
        key = Key(message.publisher, hospital, message.subject)
        self.said[key] = n if n is not None else self.said.get(key, 0) + 1
        return heard(message, self.said[key], hospital=hospital, at=NOW)


def offer(report: str, *cases: str) -> intake.SupportOffered:
    colleagues = tuple(intake.Colleague(case=c, colleague="p-1", profession="nurse", department="icu") for c in cases)
    return intake.SupportOffered(report=report, t0=NOW, event_types=("fall",), colleagues=colleagues)


def withdrawal(report: str, *cases: str) -> intake.SupportWithdrawn:
    return intake.SupportWithdrawn(report=report, cases=cases, reason="withdrawn")


def qualified(supporter: str) -> training.SupporterQualified:
    return training.SupporterQualified(supporter=supporter, on=date(2026, 1, 1))


def suspended(supporter: str) -> training.SupporterSuspended:
    return training.SupporterSuspended(supporter=supporter, rule="TRAIN-5")


def reinstated(supporter: str) -> training.SupporterReinstated:
    return training.SupporterReinstated(supporter=supporter)


def talk(case: str, number: int) -> followup.ConversationHeld:
    return followup.ConversationHeld(
        case=case, kind="conversation", number=number, counts=True, channel="phone", minutes=30
    )


def explosion(case: str) -> intake.TaskRaised:
    return intake.TaskRaised(regarding=case, task="explode", due_at=NOW)


def told(case: str, hospital: str = HOSPITAL) -> Event:
    """Somebody must be told something about this case."""
    notice = matching.NoticeDue(regarding=case, to="colleague", template="matched", person="p-1")
    return heard(notice, hospital=hospital, at=NOW)


def accept(case: str, by: str, id: str = "accept-1", hospital: str = HOSPITAL) -> Event:
    return Event(id, hospital, NOW, matching.AcceptAsk(case=case, by_role="supporter", by=by))


@dataclass
class Settled:
    """What every hospital has settled. `wrong`: whose settings have a mistake and are not in force; `unknown`: nobody
    has heard of these.
    """

    wrong: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def __call__(self, hospital: str) -> Hospital:
        if hospital in self.wrong:
            raise NotInForce(HospitalError(Path(hospital), Mistake("rules.LEND-1", "is geen regel", "is no rule")))
        if hospital in self.unknown:
            raise KeyError(hospital)
        return a_hospital()
