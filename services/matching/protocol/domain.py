"""Who is asked to support a colleague, and what follows from the answer. Pure.

Each fact changes what is remembered; then the case is settled: an ask that may no longer stand is withdrawn, and where
somebody is needed a search begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

from services.matching.protocol import plans
from services.matching.protocol.availability import change, unsettled
from services.matching.protocol.by_hand import pick
from services.matching.protocol.changes import ABOUT_HERSELF, case_after_own, evolve, freed, touches
from services.matching.protocol.search import Desk, every, go_on, search, settle, wake_with_room
from services.matching.protocol.states import Case, Plan, Supporter, Waiting
from shared.engine.world import Protocol, Said, World
from shared.messages import Command, Event, Fact, followup, intake, training
from shared.messages.matching import (
    AcceptAsk,
    AnswerDue,
    AskAccepted,
    AskDeclined,
    AskExpired,
    ChoosePreferences,
    ConfirmPlan,
    DeclineAsk,
    NoticeDue,
    PickSupporter,
    PreferencesChosen,
    Refused,
    SearchAgain,
    SearchDue,
    SupporterMatched,
)

#: Facts after which a supporter may be asked who could not be, or the other way round.
_OF_A_SUPPORTER = (
    intake.StaffRecorded,
    intake.StaffLeft,
    training.SupporterQualified,
    training.SupporterSuspended,
    training.SupporterReinstated,
)


def decide(world: World, event: Event) -> Iterator[Said]:
    desk = Desk(world)
    yield from _decide(desk, event)
    yield from desk.changed()


def _decide(desk: Desk, event: Event) -> Iterable[Said]:
    if isinstance(event.data, Command):
        return _asked_to(desk, event.data)
    match event.data:
        case AnswerDue(case=id) as timer:
            return _let_pass(desk.world.get(Case, id), timer, desk)
        case SearchDue(case=id) as timer:
            return _search_on_time(desk.world.get(Case, id), timer, desk)
        case Fact() if event.publisher != "matching":
            return _heard(desk, event)
    return ()


def _asked_to(desk: Desk, command: Command) -> Iterable[Said]:
    """What a person asks for."""
    if isinstance(command, ABOUT_HERSELF):
        return change(desk, command)
    if isinstance(command, ConfirmPlan):
        return plans.confirm(desk, command)
    if not isinstance(command, get_args(_OfACase)):
        return ()
    case = desk.world.get(Case, command.subject)
    match command:
        case AcceptAsk():
            return _accept(case, command, desk)
        case DeclineAsk():
            return _decline(case, command, desk)
        case SearchAgain():
            return _search_again(case, command, desk)
        case PickSupporter():
            return pick(case, command, desk)
        case ChoosePreferences():
            return _choose(case, command, desk)
    return ()


_OfACase = AcceptAsk | DeclineAsk | SearchAgain | PickSupporter | ChoosePreferences


def _heard(desk: Desk, event: Event) -> Iterator[Said]:
    """What follows from a fact of others: for its own cases, or for those of a supporter who is not what she was."""
    match event.data:
        case intake.SupportOffered() as offer:
            yield from plans.offered(desk, offer)
        case fact if isinstance(fact, _OF_A_SUPPORTER):
            yield from unsettled(desk, desk.world.get(Supporter, event.subject))
        case _:
            ids = [id for kind, id in touches(event) if kind is Case]
            for case in every(desk.world, Case, dict.fromkeys(ids)):
                yield from settle(case, desk)
            yield from _places_back(desk, event)


def _places_back(desk: Desk, event: Event) -> Iterator[Said]:
    """The place of a case that is over or has another supporter may be what a case waits for."""
    match event.data:
        case followup.CaseClosed(supporter=who) | followup.ReplacementNeeded(supporter=who):
            yield from wake_with_room(who, desk)
        case followup.CaseErased(case=id):
            yield from _forget(desk, desk.world.get(Case, id))


def _forget(desk: Desk, case: Case) -> Iterator[Said]:
    """Nothing stays of an erased case but that it was over."""
    who = case.supporter
    if who:
        one = freed(desk.world.get(Supporter, who), case.id)
        desk.know(one)
        yield one
    yield Case(hospital=case.hospital, id=case.id, over=True)
    yield from wake_with_room(who, desk)


def _accept(case: Case, command: AcceptAsk, desk: Desk) -> Iterator[Said]:
    if case.supporter and case.supporter == command.by:
        return
    if not _is_asked(case, command, desk):
        yield _too_late_or_not_asked(case, command)
        return
    yield AskAccepted(case=case.id, supporter=case.asked, ask=case.ask)
    yield SupporterMatched(case=case.id, supporter=case.asked)
    yield NoticeDue(regarding=case.id, to="colleague", template="matched")
    yield NoticeDue(regarding=case.id, to="supporter", template="contact_card", person=case.asked, urgent=case.urgent)


def _decline(case: Case, command: DeclineAsk, desk: Desk) -> Iterator[Said]:
    if command.by and command.by in case.declined_by:
        return
    if _is_asked(case, command, desk):
        yield from go_on(case, AskDeclined(case=case.id, supporter=case.asked, ask=case.ask), desk)
    else:
        yield _too_late_or_not_asked(case, command)


def _is_asked(case: Case, command: AcceptAsk | DeclineAsk, desk: Desk) -> bool:
    return desk.rules.may("MATCH-9", command.by_role, own=bool(case.asked) and command.by == case.asked)


def _too_late_or_not_asked(case: Case, command: AcceptAsk | DeclineAsk) -> Refused:
    late = command.by_role == "supporter" and command.by in case.passed_by
    return Refused(regarding=case.id, command=command.name, rule="MATCH-8" if late else "MATCH-9")


def _search_again(case: Case, command: SearchAgain, desk: Desk) -> Iterator[Said]:
    if not desk.rules.may("MATCH-12", command.by_role):
        yield Refused(regarding=case.id, command=command.name, rule="MATCH-12")
    elif case.needs_somebody:
        yield from search(case, desk, anew=True)


def _choose(case: Case, command: ChoosePreferences, desk: Desk) -> Iterator[Said]:
    """Wishes order the row of the next search; where nobody was found, or the open ask may not stand, that is now."""
    if not desk.rules.may("MATCH-22", command.by_role):
        yield Refused(regarding=case.id, command=command.name, rule="MATCH-22")
        return
    chosen = PreferencesChosen.model_validate(command.model_dump())
    after = case_after_own(case, chosen)
    if case.over or after == case:
        return
    yield chosen
    if after.needs_somebody and after.failed is not None:
        yield from _search_with_new_wishes(after, desk)
    else:
        yield from settle(after, desk)


def _search_with_new_wishes(case: Case, desk: Desk) -> Iterator[Said]:
    """Where still nobody is found, the search that was planned stays."""
    if desk.look(case).row:
        yield from search(case, desk)
    else:
        desk.waits(case)


def _let_pass(case: Case, timer: AnswerDue, desk: Desk) -> Iterator[Said]:
    if case.asked and case.ask == timer.ask:
        yield from go_on(case, AskExpired(case=case.id, supporter=case.asked, ask=case.ask), desk)


def _search_on_time(case: Case, timer: SearchDue, desk: Desk) -> Iterator[Said]:
    if case.needs_somebody and case.failed is not None and case.search == timer.search:
        yield from search(case, desk, anew=True, known=case.failed)


PROTOCOL = Protocol(
    name="matching",
    kinds=(Case, Supporter, Plan, Waiting),
    touches=touches,
    evolve=evolve,
    decide=decide,
    pooled=Supporter,
)
