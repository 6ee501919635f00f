"""The coordinator picks a supporter by hand and sets aside what may be set aside, on record (MATCH-20). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.matching.protocol.changes import ask_ended
from services.matching.protocol.rules import RULES
from services.matching.protocol.search import Desk, asked_and_told, wake_with_room
from services.matching.protocol.states import Case
from shared.engine.world import Said
from shared.messages.matching import AskWithdrawn, PickSupporter, Refused, SupporterAsked

#: Whoever has a case has a supporter: she is replaced first.
_KEEPS_IT = "MATCH-33"
#: For a case that is over or rests nobody is looked for.
_NOT_NOW = "MATCH-37"


def pick(case: Case, command: PickSupporter, desk: Desk) -> Iterator[Said]:
    if rule := _forbidden(case, command, desk):
        yield Refused(regarding=case.id, command=command.name, rule=rule)
    elif case.open and case.asked != command.supporter:
        before, case = case.asked, case.but(withdrawn=False)
        yield case
        if before:
            ended = AskWithdrawn(case=case.id, supporter=before, ask=case.ask)
            yield ended
            desk.free(before, case.id)
            case = ask_ended(case, ended, desk.world.now)
        yield from _ask(case, command, desk)
        yield from wake_with_room(before, desk)


def why_not_looked_for(case: Case) -> str:
    """The rule by which no new search begins for a case, if any."""
    if case.supporter and not case.over:
        return _KEEPS_IT
    return "" if case.open and not (case.asked or case.held) else _NOT_NOW


def _forbidden(case: Case, command: PickSupporter, desk: Desk) -> str:
    """The rule that refuses it, if any."""
    if not desk.rules.may("MATCH-21", command.by_role):
        return "MATCH-21"
    if case.supporter and not case.over:
        return "" if case.supporter == command.supporter else _KEEPS_IT
    if not case.open:
        return _NOT_NOW
    if case.asked == command.supporter:
        return ""
    return next((rule for rule in desk.broken_by(command.supporter, case) if not _may_be_overruled(rule, command)), "")


def _may_be_overruled(rule: str, command: PickSupporter) -> bool:
    return command.by_role in RULES.rule(rule).overruled_by


def _ask(case: Case, command: PickSupporter, desk: Desk) -> Iterator[Said]:
    who, found = command.supporter, desk.look(case, anew=True)
    overruled = desk.broken_by(who, case)
    seat = desk.turn(who, case)
    answer_by = desk.presence.answer_by(
        desk.supporter(who), desk.rules.duration("MATCH-8"), always="MATCH-14" in overruled
    )
    asked = SupporterAsked(
        case=case.id,
        supporter=who,
        ask=case.ask + 1,
        answer_by=answer_by,
        open_cases=seat.open_cases,
        recent=seat.recent,
        misses=seat.misses,
        eligible=found.eligible,
        removed=found.removed,
        kind="by_hand",
        overruled=overruled,
        reason=command.reason,
    )
    yield from asked_and_told(case, desk, asked)
