"""A case looks for somebody: the first of the row is asked, or it is said why nobody can be. Pure.

An ask that ends is followed by the next; a supporter who can be asked again is asked for a case that waits (MATCH-32).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.matching.protocol.assignment import divide
from services.matching.protocol.changes import ask_ended
from services.matching.protocol.pool import Pool
from services.matching.protocol.seats import Found, Turn
from services.matching.protocol.states import ALL, Case, Supporter, Waiting, Waits
from shared.engine.world import Later, Said, World
from shared.messages.matching import (
    AnswerDue,
    AskDeclined,
    AskExpired,
    AskKind,
    AskWithdrawn,
    MatchFailed,
    NoticeDue,
    SearchDue,
    SupporterAsked,
)

#: How many cases that wait are looked at together, and how many are remembered; the others have their timer (MATCH-10).
AT_ONCE, REMEMBERED = 50, 1000


class Desk(Pool):
    """The pool, and the cases that wait in vain, for one decision."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._joins: dict[str, Waits] = {}
        self._leaves: set[str] = set()

    def waits(self, case: Case) -> None:
        assert case.offered_at is not None
        barred = "" if case.unit == "own" else case.department
        self._leaves.discard(case.id)
        self._joins[case.id] = Waits(case.offered_at, case.id, case.profession, barred)

    def waits_no_more(self, id: str) -> None:
        self._leaves.add(id)
        self._joins.pop(id, None)

    def waiting(self) -> Waiting:
        known = self.world.get(Waiting, ALL)
        kept = [each for each in known.cases if each.case not in self._leaves and each.case not in self._joins]
        cases = tuple(sorted([*kept, *self._joins.values()])[:REMEMBERED])
        return known if cases == known.cases else known.but(cases=cases)

    def may_ask(self, one: Supporter) -> list[str]:
        """The cases that waited before this decision and may be for her, the longest waiting first."""
        dealt_with = self._joins.keys() | self._leaves
        known = [each for each in self.world.get(Waiting, ALL).cases if each.case not in dealt_with]
        return [each.case for each in known if _may_be_hers(each, one)][:AT_ONCE]

    def changed(self) -> Iterator[Said]:
        """What is to be remembered of who waits, at the end of the decision."""
        if self._joins or self._leaves:
            yield self.waiting()


def settle(case: Case, desk: Desk, *, off_duty: bool = False) -> Iterator[Said]:
    """Brings a case to where the facts want it; one that is there already is left alone."""
    ended = case.resting or case.over or case.withdrawn
    if case.asked and (ended or desk.refuses(case, off_duty=off_duty)):
        yield from go_on(case, AskWithdrawn(case=case.id, supporter=case.asked, ask=case.ask), desk)
    elif case.needs_somebody and case.failed is None:
        yield from search(case, desk)
    elif case.failed is not None and (ended or not case.open):
        desk.waits_no_more(case.id)
        yield case.but(failed=None)


def go_on(case: Case, ended: AskDeclined | AskExpired | AskWithdrawn, desk: Desk) -> Iterator[Said]:
    """The open ask ends like this; the next supporter is asked, where one is needed."""
    yield ended
    desk.free(ended.supporter, case.id)
    yield from settle(ask_ended(case, ended, desk.world.now), desk)
    yield from wake_with_room(ended.supporter, desk)


def search(
    case: Case, desk: Desk, anew: bool = False, known: dict[str, int] | None = None, *, planned: bool = False
) -> Iterator[Said]:
    """Asks the first of the row, or says which rule removed how many, unless that is `known` already."""
    found = desk.look(case, anew)
    if found.row:
        yield from ask(case, desk, found.row[0], found)
        return
    removed = found.removed
    if removed != known:
        yield MatchFailed(
            case=case.id,
            pool=sum(removed.values()),
            removed=removed,
            nearly=found.nearly,
            profession=case.profession,
            department=case.department,
            planned=planned,
        )
    number = case.search + (removed != known)
    yield Later(SearchDue(case=case.id, search=number), desk.world.now + desk.rules.duration("MATCH-10"))
    desk.waits(case)


def divided(cases: Sequence[Case], desk: Desk, *, anew: bool = False) -> list[tuple[Case, Found, Turn | None]]:
    """The cases of one event with whom each of them asks, or nobody (MATCH-31)."""
    found = [desk.look(case, anew, most=len(cases)) for case in cases]
    turns = divide([one.row for one in found], desk.limit)
    return list(zip(cases, found, turns, strict=True))


def together(
    division: Sequence[tuple[Case, Found, Turn | None]], desk: Desk, kind: AskKind | None = None, planned: bool = False
) -> Iterator[Said]:
    """The asks go out together; then it is said for whom nobody is left."""
    for case, found, turn in division:
        if turn is not None:
            yield from ask(case, desk, turn, found, kind)
    for case, _, turn in division:
        if turn is None:
            yield from search(case, desk, anew=False, planned=planned)


def ask(case: Case, desk: Desk, turn: Turn, found: Found, kind: AskKind | None = None) -> Iterator[Said]:
    usual: AskKind = "group" if case.team else "on_call" if desk.on_call_first(case, turn.who) else "normal"
    asked = SupporterAsked(
        case=case.id,
        supporter=turn.who,
        ask=case.ask + 1,
        answer_by=desk.presence.answer_by(desk.supporter(turn.who), desk.rules.duration("MATCH-8")),
        open_cases=turn.open_cases,
        eligible=found.eligible,
        removed=found.removed,
        kind=kind or usual,
        recent=turn.recent,
        misses=turn.misses,
    )
    yield from asked_and_told(case, desk, asked)


def asked_and_told(case: Case, desk: Desk, asked: SupporterAsked) -> Iterator[Said]:
    """The ask, its notice and its timer."""
    yield asked
    yield NoticeDue(regarding=case.id, to="supporter", template="ask", person=asked.supporter, urgent=case.urgent)
    yield Later(AnswerDue(case=case.id, ask=asked.ask), asked.answer_by)
    desk.give(asked.supporter)
    if case.failed is not None:
        desk.waits_no_more(case.id)


def wake_with_room(who: str, desk: Desk) -> Iterator[Said]:
    """A place of hers came back; if it is the only one that she has left, it may be what a case waits for."""
    if who and desk.room(who) == 1:
        yield from wake(who, desk)


def wake(who: str, desk: Desk) -> Iterator[Said]:
    """She may be asked again: a case that waits asks, the longest waiting first (MATCH-32)."""
    if not desk.may_have_a_case(who):
        return
    for case in desk.world.all(Case, desk.may_ask(desk.supporter(who))):
        if not desk.may_have_a_case(who):
            return
        if not case.needs_somebody or case.failed is None:
            desk.waits_no_more(case.id)
        elif not desk.broken_by(who, case) and (found := desk.look(case)).row:
            yield from ask(case, desk, found.row[0], found)


def _may_be_hers(each: Waits, one: Supporter) -> bool:
    return each.profession in ("", one.profession) and (not each.department or each.department != one.department)
