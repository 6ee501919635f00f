"""Who is asked to support a colleague, and what follows from the answer. Pure.

Each fact changes what is remembered; then the case is settled: an ask that may no longer stand is withdrawn, and where
somebody is needed a search begins. A search asks the first of the row or says why nobody can be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.matching.pool import Pool, Turn
from services.matching.states import Case, Supporter, case_after_own, evolve, touches
from shared.messages import Event, Fact, intake, training
from shared.messages.matching import (
    AcceptAsk,
    AnswerDue,
    AskAccepted,
    AskDeclined,
    AskExpired,
    AskWithdrawn,
    DeclineAsk,
    MatchFailed,
    NoticeDue,
    Refused,
    SearchAgain,
    SearchDue,
    SupporterAsked,
    SupporterMatched,
)
from shared.world import Later, Protocol, Said, World


def decide(world: World, event: Event) -> Iterable[Said]:
    pool = Pool(world)
    match event.data:
        case AcceptAsk() as command:
            return _accept(world.get(Case, command.case), command, pool)
        case DeclineAsk() as command:
            return _decline(world.get(Case, command.case), command, pool)
        case SearchAgain() as command:
            return _search_again(world.get(Case, command.case), command, pool)
        case AnswerDue(case=id) as timer:
            return _let_pass(world.get(Case, id), timer, pool)
        case SearchDue(case=id) as timer:
            return _search_on_time(world.get(Case, id), timer, pool)
        case Fact() if event.publisher != "matching":
            return [said for case in _concerned(world, event) for said in _settle(case, pool)]
    return ()


def _concerned(world: World, event: Event) -> list[Case]:
    """The cases that a fact of others may unsettle: its own, or those of a supporter whom it makes less eligible."""
    match event.data:
        case intake.StaffRecorded() | intake.StaffLeft() | training.SupporterSuspended():
            return [world.get(Case, id) for id in world.get(Supporter, event.subject).places]
    return [world.get(Case, id) for kind, id in dict.fromkeys(touches(event)) if kind is Case]


def _settle(case: Case, pool: Pool) -> Iterator[Said]:
    """Brings a case to where the facts want it; one that is there already is left alone."""
    if case.asked and (case.resting or case.over or pool.refuses(pool.world.get(Supporter, case.asked), case)):
        yield from _go_on(case, AskWithdrawn(case=case.id, supporter=case.asked, ask=case.ask), pool)
    elif case.needs_somebody and case.failed is None:
        yield from _search(case, pool)


def _go_on(case: Case, ended: AskDeclined | AskExpired | AskWithdrawn, pool: Pool) -> Iterator[Said]:
    """The open ask ends like this; the next supporter is asked, where one is needed."""
    yield ended
    yield from _settle(case_after_own(case, Event("", case.hospital, pool.world.now, ended)), pool)


def _accept(case: Case, command: AcceptAsk, pool: Pool) -> Iterator[Said]:
    if case.supporter and case.supporter == command.by:
        return
    if not _is_asked(case, command, pool):
        yield _too_late_or_not_asked(case, command)
        return
    yield AskAccepted(case=case.id, supporter=case.asked, ask=case.ask)
    yield SupporterMatched(case=case.id, supporter=case.asked)
    yield NoticeDue(regarding=case.id, to="colleague", template="matched")
    yield NoticeDue(regarding=case.id, to="supporter", template="contact_card", person=case.asked, urgent=case.urgent)


def _decline(case: Case, command: DeclineAsk, pool: Pool) -> Iterator[Said]:
    if command.by and command.by in case.declined_by:
        return
    if _is_asked(case, command, pool):
        yield from _go_on(case, AskDeclined(case=case.id, supporter=case.asked, ask=case.ask), pool)
    else:
        yield _too_late_or_not_asked(case, command)


def _is_asked(case: Case, command: AcceptAsk | DeclineAsk, pool: Pool) -> bool:
    return pool.rules.may("MATCH-9", command.by_role, own=bool(case.asked) and command.by == case.asked)


def _too_late_or_not_asked(case: Case, command: AcceptAsk | DeclineAsk) -> Refused:
    late = command.by_role == "supporter" and command.by in case.passed_by
    return Refused(regarding=case.id, command=command.name, rule="MATCH-8" if late else "MATCH-9")


def _search_again(case: Case, command: SearchAgain, pool: Pool) -> Iterator[Said]:
    if not pool.rules.may("MATCH-12", command.by_role):
        yield Refused(regarding=case.id, command=command.name, rule="MATCH-12")
    elif case.needs_somebody:
        yield from _search(case, pool, anew=True)


def _let_pass(case: Case, timer: AnswerDue, pool: Pool) -> Iterator[Said]:
    if case.asked and case.ask == timer.ask:
        yield from _go_on(case, AskExpired(case=case.id, supporter=case.asked, ask=case.ask), pool)


def _search_on_time(case: Case, timer: SearchDue, pool: Pool) -> Iterator[Said]:
    if case.needs_somebody and case.failed is not None and case.search == timer.search:
        yield from _search(case, pool, anew=True, known=case.failed)


def _search(case: Case, pool: Pool, anew: bool = False, known: dict[str, int] | None = None) -> Iterator[Said]:
    """Asks the first of the row, or says which rule removed how many, unless that is `known` already."""
    eligible, removed = pool.look(case, anew)
    if eligible:
        yield from _ask(case, pool, eligible, removed)
        return
    if removed != known:
        yield MatchFailed(case=case.id, pool=sum(removed.values()), removed=removed)
    search = case.search + (removed != known)
    yield Later(SearchDue(case=case.id, search=search), pool.world.now + pool.rules.duration("MATCH-10"))


def _ask(case: Case, pool: Pool, eligible: list[Turn], removed: dict[str, int]) -> Iterator[Said]:
    _, open_cases, _, who = min(eligible)
    answer_by = pool.world.hospital.waking_deadline(pool.world.now, pool.rules.duration("MATCH-8"))
    yield SupporterAsked(
        case=case.id,
        supporter=who,
        ask=case.ask + 1,
        answer_by=answer_by,
        open_cases=open_cases,
        eligible=len(eligible),
        removed=removed,
    )
    yield NoticeDue(regarding=case.id, to="supporter", template="ask", person=who, urgent=case.urgent)
    yield Later(AnswerDue(case=case.id, ask=case.ask + 1), answer_by)
    pool.give(who)


PROTOCOL = Protocol(
    name="matching", kinds=(Case, Supporter), touches=touches, evolve=evolve, decide=decide, pooled=Supporter
)
