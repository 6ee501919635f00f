"""Who is qualified, who is suspended and comes back, and whether a profession has enough supporters. Pure.

The day of the next intervisie is told once (IntervisieDue) and holds until a later attendance moves it. A day counts in
the hospital's local time. Whatever changes who can be asked is followed by the new coverage of the profession.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from services.training.protocol import rules, states
from services.training.protocol.rules import RULES
from services.training.protocol.states import Coverage, Supporter
from shared.engine.registry import Decide, On, Registry, becomes, protocol, same
from shared.engine.world import Later, Said, World
from shared.messages import Command, Fact, Message, intake
from shared.messages.training import (
    AttendIntervisie,
    CompleteTraining,
    CoverageMeasured,
    IntervisieAttended,
    IntervisieDue,
    IntervisieLapsed,
    IntervisieNear,
    Nominate,
    NoticeDue,
    Refused,
    SupporterNominated,
    SupporterQualified,
    SupporterReinstated,
    SupporterSuspended,
)
from shared.rulebook import InForce


class Talk:
    """What is said about one supporter in this decision, and how she then stands."""

    def __init__(self, world: World, id: str) -> None:
        self.world = world
        self.supporter = world.get(Supporter, id)
        self.said: list[Said] = []
        self.today = world.now.astimezone(world.hospital.tz).date()
        self.rules: InForce = RULES.at(world.now, world.hospital)

    def say(self, *messages: Said) -> None:
        self.said += messages
        for fact in messages:
            if isinstance(fact, Fact):
                self.supporter = ON[type(fact)].states[Supporter](self.supporter, fact, self.world.now)

    def refuse(self, command: Command, rule: str) -> None:
        self.say(Refused(regarding=self.supporter.id, command=command.name, rule=rule))

    def from_day(self, day: date) -> datetime:
        """The beginning of a local day, or now if that is past (UTC)."""
        return max(self.world.now, datetime.combine(day, time(0), self.world.hospital.tz).astimezone(UTC))


def _about_her(*answers: Callable[[Talk, Any], None]) -> Decide:
    """What is answered about a supporter; then whether she may go on, and whether her profession has enough."""

    def decide(world: World, message: Message) -> Iterable[Said]:
        talk = Talk(world, message.subject)
        for answer in answers:
            answer(talk, message)
        _settle(talk)
        professions = dict.fromkeys(one for one in (talk.supporter.was_of, talk.supporter.profession) if one)
        return [*talk.said, *(said for one in professions for said in _measure(world, one, talk.supporter))]

    return decide


def _take_over(talk: Talk, row: intake.StaffRecorded) -> None:
    """What the staff list says; it never takes back what was seen here."""
    known = row.trained_on if _is_completed(talk, row.trained_on) else None
    unknown = talk.supporter.qualified_on is None
    if (
        row.supporter
        and (known or row.trained_on is None)
        and (unknown or (known and talk.supporter.qualified_assumed))
    ):
        talk.say(SupporterQualified(supporter=row.person, on=known or talk.today, assumed=known is None))
    if talk.supporter.qualified_on is None:
        return
    if row.intervisie_on is not None and row.intervisie_on <= talk.today:
        _attended(talk, row.intervisie_on)
    elif talk.supporter.due_on is None:
        _begin_year(talk, talk.today, assumed=True)


def _nominate(talk: Talk, command: Nominate) -> None:
    """A coordinator passes a nomination on; a supporter's key speaks for herself; no other key names a colleague."""
    nominators = {"coordinator": command.nominator or command.by, "trainer": command.by, "supporter": command.by}
    nomination = rules.Nomination(talk.supporter.id, nominators.get(command.by_role, ""))
    if broken := talk.rules.broken(nomination):
        talk.refuse(command, broken[0])
    elif talk.supporter.nominated_at is None and talk.supporter.qualified_on is None:
        talk.say(SupporterNominated(supporter=talk.supporter.id))


def _complete(talk: Talk, command: CompleteTraining) -> None:
    before = talk.supporter
    if not talk.rules.may("TRAIN-7", command.by_role):
        talk.refuse(command, "TRAIN-7")
    elif before.standing == "none":
        talk.refuse(command, "TRAIN-1")
    elif not _is_completed(talk, command.on):
        talk.refuse(command, "TRAIN-2")
    elif before.qualified_on is None or before.qualified_assumed:
        talk.say(SupporterQualified(supporter=before.id, on=command.on))
        if before.due_on is None:
            _begin_year(talk, command.on)


def _attend(talk: Talk, command: AttendIntervisie) -> None:
    if not talk.rules.may("TRAIN-7", command.by_role):
        talk.refuse(command, "TRAIN-7")
    elif talk.supporter.qualified_on is None:
        talk.refuse(command, "TRAIN-2")
    elif command.on > talk.today:
        talk.refuse(command, "TRAIN-3")
    else:
        _attended(talk, command.on)


def _attended(talk: Talk, on: date) -> None:
    """Counts from the day itself, also when it is told later; a day before the last known one changes nothing."""
    before = talk.supporter
    if before.last_intervisie is None or on > before.last_intervisie:
        talk.say(IntervisieAttended(supporter=before.id, on=on))
        _begin_year(talk, on)


def _begin_year(talk: Talk, on: date, assumed: bool = False) -> None:
    """A year without intervisie is counted from this day, unless another day that is known counts for longer."""
    before, due_on = talk.supporter, on + talk.rules.duration("TRAIN-3")
    if before.due_on is not None and not before.assumed and before.due_on >= due_on:
        return
    talk.say(IntervisieDue(supporter=before.id, due_on=due_on, assumed=assumed))
    if due_on > talk.today:
        near = due_on - talk.rules.duration("TRAIN-8")
        talk.say(
            Later(IntervisieNear(supporter=before.id, due_on=due_on), talk.from_day(near)),
            Later(IntervisieLapsed(supporter=before.id, due_on=due_on), talk.from_day(due_on)),
        )


def _warn(talk: Talk, timer: IntervisieNear) -> None:
    if talk.supporter.standing == "ready" and talk.supporter.due_on == timer.due_on:
        id = talk.supporter.id
        talk.say(NoticeDue(regarding=id, to="supporter", template="intervisie_near", person=id))


def _settle(talk: Talk) -> None:
    """Suspends who has gone a year without intervisie, and takes back who attended (TRAIN-9)."""
    id, standing = talk.supporter.id, talk.supporter.standing
    broken = talk.rules.broken(_standing(talk)) if talk.supporter.due_on else ()
    if standing == "ready" and broken:
        talk.say(SupporterSuspended(supporter=id, rule=broken[0]))
    elif standing == "suspended" and not broken:
        talk.say(SupporterReinstated(supporter=id))


def _standing(talk: Talk) -> rules.Standing:
    """How long ago the year began, seen from the day that was told for its end."""
    assert talk.supporter.due_on is not None
    return rules.Standing(talk.rules.duration("TRAIN-3") - (talk.supporter.due_on - talk.today))


def _is_completed(talk: Talk, on: date | None) -> bool:
    return not talk.rules.broken(rules.Training(talk.today, on))


def _measure(world: World, profession: str, changed: Supporter | None = None) -> Iterator[Said]:
    """The coverage of a profession, if its figures are not those that were told last."""
    before = world.get(Coverage, profession)
    if before.headcount is None:
        return
    others = [one for one in world.pool(Supporter) if changed is None or one.id != changed.id]
    pool = others if changed is None else [*others, changed]
    today = world.now.astimezone(world.hospital.tz).date()
    now = CoverageMeasured(
        profession=profession,
        supporters=sum(one.profession == profession and one.standing == "ready" for one in pool),
        headcount=before.headcount,
        wanted=RULES.at(world.now, world.hospital).number(_share(world, profession)) / 100,
        on=today,
    )
    if before.told is None or before.told.model_copy(update={"on": today}) != now:
        yield now


def _share(world: World, profession: str) -> str:
    """The rule that says how large a share is wanted: more where shifts are common, says the hospital."""
    return "TRAIN-6" if profession in world.hospital.shifts else "TRAIN-5"


def _count(world: World, fact: intake.HeadcountMeasured) -> Iterator[Said]:
    return _measure(world, fact.profession)


ON: Registry = {
    intake.StaffRecorded: On({Supporter: states.recorded, Coverage: same}, _about_her(_take_over)),
    intake.StaffLeft: On({Supporter: becomes(left=True)}, _about_her()),
    intake.HeadcountMeasured: On({Coverage: states.counted}, _count),
    Nominate: On({Supporter: same}, _about_her(_nominate)),
    CompleteTraining: On({Supporter: same}, _about_her(_complete)),
    AttendIntervisie: On({Supporter: same}, _about_her(_attend)),
    IntervisieNear: On({Supporter: same}, _about_her(_warn)),
    IntervisieLapsed: On({Supporter: same}, _about_her()),
    SupporterNominated: On({Supporter: states.nominated}),
    SupporterQualified: On({Supporter: states.qualified}),
    SupporterSuspended: On({Supporter: becomes(suspended=True)}),
    SupporterReinstated: On({Supporter: becomes(suspended=False)}),
    IntervisieAttended: On({Supporter: states.attended}),
    IntervisieDue: On({Supporter: states.due}),
    CoverageMeasured: On({Coverage: states.measured}),
    NoticeDue: On({Supporter: same}),
    Refused: On({Supporter: same}),
}
PROTOCOL = protocol("training", {Supporter: ("staff",), Coverage: ("profession",)}, ON, pooled=Supporter)
