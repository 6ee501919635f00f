"""Who is asked to support a colleague, and what follows from the answer. Pure.

Each fact changes what is remembered; then the case is settled: an ask that may no longer stand is withdrawn, and where
somebody is needed a search begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from services.matching.protocol import changes, plans
from services.matching.protocol.availability import change, unsettled
from services.matching.protocol.by_hand import pick, why_not_looked_for
from services.matching.protocol.changes import unless_over
from services.matching.protocol.search import Desk, go_on, search, settle, wake_with_room
from services.matching.protocol.states import Case, Plan, Supporter, Waiting
from shared.engine.registry import Decide, Evolve, On, Registry, becomes, nothing, protocol, same
from shared.engine.world import Said, World
from shared.messages import Fact, Message, followup, intake, training
from shared.messages.matching import (
    AcceptAsk,
    AnswerDue,
    AskAccepted,
    AskDeclined,
    AskExpired,
    AskWithdrawn,
    AvailabilityChanged,
    CancelLeave,
    CancelOnCall,
    ChoosePreferences,
    ConfirmPlan,
    DeclineAsk,
    MatchFailed,
    NoticeDue,
    PauseSupporter,
    PickSupporter,
    PlanLeave,
    PlanMade,
    PlanOnCall,
    PreferencesChosen,
    Refused,
    ReturnSupporter,
    SearchAgain,
    SearchDue,
    SetWeek,
    SupporterAsked,
    SupporterMatched,
    SupporterPaused,
    SupporterReturned,
)


def _at_desk(answer: Callable[[Desk, Any], Iterable[Said]]) -> Decide:
    """What is answered; then it is remembered who waits."""

    def decide(world: World, message: Message) -> Iterator[Said]:
        desk = Desk(world)
        yield from answer(desk, message)
        yield from desk.changed()

    return decide


def _about_case(answer: Callable[[Case, Any, Desk], Iterable[Said]]) -> Decide:
    """What is answered to a command or a timer of one case."""
    return _at_desk(lambda desk, message: answer(desk.world.get(Case, message.subject), message, desk))


def _settle_cases(desk: Desk, fact: intake.SupportWithdrawn | intake.SupporterInvolved) -> Iterator[Said]:
    for case in desk.world.all(Case, dict.fromkeys(fact.cases)):
        yield from settle(case, desk)


def _reassess(desk: Desk, fact: intake.EventReassessed) -> Iterator[Said]:
    """An open ask that becomes urgent is written once more, so that it does not wait for the morning (MATCH-36)."""
    urgent = changes.is_urgent(fact)
    for case in desk.world.all(Case, dict.fromkeys(fact.cases)):
        if case.over or case.urgent == urgent:
            continue
        yield case.but(urgent=urgent)
        if urgent and case.asked:
            yield NoticeDue(regarding=case.id, to="supporter", template="ask", person=case.asked, urgent=True)


def _settle_case(case: Case, _: Fact, desk: Desk) -> Iterator[Said]:
    return settle(case, desk)


def _place_back(case: Case, fact: followup.CaseClosed | followup.ReplacementNeeded, desk: Desk) -> Iterator[Said]:
    """The place of a case that is over or has another supporter may be what a case waits for."""
    yield from settle(case, desk)
    yield from wake_with_room(fact.supporter, desk)


def _she_changed(desk: Desk, fact: Fact) -> Iterator[Said]:
    """She may be asked who could not be, or the other way round."""
    return unsettled(desk, desk.world.get(Supporter, fact.subject))


def _forget(case: Case, _: followup.CaseErased, desk: Desk) -> Iterator[Said]:
    """Nothing stays of an erased case but that it was over."""
    yield from settle(case, desk)
    who = case.supporter
    if who:
        one = changes.freed(desk.world.get(Supporter, who), case.id)
        desk.know(one)
        yield one
    yield Case(hospital=case.hospital, id=case.id, over=True)
    if case.report:
        yield changes.without_case(desk.world.get(Plan, case.report), case.id)
    yield from wake_with_room(who, desk)


def _accept(case: Case, command: AcceptAsk, desk: Desk) -> Iterator[Said]:
    if command.by_role == "supporter" and case.supporter and case.supporter == command.by:
        return
    if not _is_asked(case, command, desk):
        yield _too_late_or_not_asked(case, command)
        return
    yield AskAccepted(case=case.id, supporter=case.asked, ask=case.ask)
    yield SupporterMatched(case=case.id, supporter=case.asked)
    yield NoticeDue(regarding=case.id, to="colleague", template="matched")
    yield NoticeDue(regarding=case.id, to="supporter", template="contact_card", person=case.asked, urgent=case.urgent)


def _decline(case: Case, command: DeclineAsk, desk: Desk) -> Iterator[Said]:
    if command.by_role == "supporter" and command.by in case.declined_by:
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
    elif rule := why_not_looked_for(case):
        yield Refused(regarding=case.id, command=command.name, rule=rule)
    else:
        # The coordinator's word that the support goes on, should its offer have been taken back.
        wanted: Case = case.but(withdrawn=False)
        yield wanted
        yield from search(wanted, desk, anew=True)


def _choose(case: Case, command: ChoosePreferences, desk: Desk) -> Iterator[Said]:
    """Wishes order the row of the next search; where nobody was found, or the open ask may not stand, that is now."""
    if not desk.rules.may("MATCH-22", command.by_role):
        yield Refused(regarding=case.id, command=command.name, rule="MATCH-22")
        return
    chosen = PreferencesChosen.model_validate(command.model_dump())
    after = changes.wished(case, chosen, desk.world.now)
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


def _case(evolve: Evolve, decide: Decide = nothing) -> On:
    return On({Case: evolve}, decide)


def _supporter(evolve: Evolve, decide: Decide = nothing) -> On:
    return On({Supporter: evolve}, decide)


_HERSELF = _supporter(same, _at_desk(change))
_ASK_ENDED = On({Case: changes.ask_ended, Supporter: changes.gives_her_place_back})

ON: Registry = {
    # What people ask for
    AcceptAsk: _case(same, _about_case(_accept)),
    DeclineAsk: _case(same, _about_case(_decline)),
    SearchAgain: _case(same, _about_case(_search_again)),
    PickSupporter: _case(same, _about_case(pick)),
    ChoosePreferences: _case(same, _about_case(_choose)),
    ConfirmPlan: On({Plan: same}, _at_desk(plans.confirm)),
    SetWeek: _HERSELF,
    PlanLeave: _HERSELF,
    CancelLeave: _HERSELF,
    PauseSupporter: _HERSELF,
    ReturnSupporter: _HERSELF,
    PlanOnCall: _HERSELF,
    CancelOnCall: _HERSELF,
    # What the time brings
    AnswerDue: _case(same, _about_case(_let_pass)),
    SearchDue: _case(same, _about_case(_search_on_time)),
    # What is said
    SupporterAsked: On({Case: changes.asked, Supporter: changes.takes_a_place}),
    AskAccepted: _case(same),
    AskDeclined: _ASK_ENDED,
    AskExpired: _ASK_ENDED,
    AskWithdrawn: _ASK_ENDED,
    SupporterMatched: On({Case: changes.matched, Supporter: changes.says_yes}),
    MatchFailed: _case(changes.searched_in_vain),
    PreferencesChosen: _case(changes.wished),
    PlanMade: On({Plan: changes.planned, Case: changes.held}),
    SupporterPaused: _supporter(becomes(paused=True)),
    SupporterReturned: _supporter(becomes(paused=False)),
    AvailabilityChanged: _supporter(same),
    NoticeDue: On({Case: same, Plan: same}),
    Refused: On({Case: same, Supporter: same, Plan: same}),
    # What others say about a case
    intake.SupportOffered: On({Case: changes.offered, Plan: changes.grown}, _at_desk(plans.offered)),
    intake.SupportWithdrawn: _case(changes.withdrawn, _at_desk(_settle_cases)),
    intake.EventReassessed: _case(same, _at_desk(_reassess)),
    intake.SupporterInvolved: _case(changes.involved, _at_desk(_settle_cases)),
    followup.SupportDeclined: _case(unless_over(becomes(resting=True)), _about_case(_settle_case)),
    followup.SupportPaused: _case(unless_over(becomes(resting=True)), _about_case(_settle_case)),
    followup.SupportResumed: _case(unless_over(becomes(resting=False, failed=None)), _about_case(_settle_case)),
    followup.ReplacementNeeded: On(
        {Case: changes.given_back, Supporter: changes.gives_her_place_back}, _about_case(_place_back)
    ),
    followup.CaseClosed: On({Case: changes.closed, Supporter: changes.gives_her_place_back}, _about_case(_place_back)),
    followup.CaseErased: _case(changes.erased, _about_case(_forget)),
    # What others say about a supporter
    intake.StaffRecorded: _supporter(changes.recorded, _at_desk(_she_changed)),
    intake.StaffLeft: _supporter(becomes(left=True), _at_desk(_she_changed)),
    training.SupporterQualified: _supporter(becomes(qualified=True), _at_desk(_she_changed)),
    training.SupporterSuspended: _supporter(becomes(suspended=True), _at_desk(_she_changed)),
    training.SupporterReinstated: _supporter(becomes(suspended=False), _at_desk(_she_changed)),
}
PROTOCOL = protocol(
    "matching", {Case: ("case",), Supporter: ("staff",), Plan: ("report",), Waiting: ()}, ON, pooled=Supporter
)
