"""What people ask of a case: for each command, who may give it, while when, and what it does. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from services.followup.protocol import care, closing, replacing, talks
from services.followup.protocol.case import Case, home_of
from services.followup.protocol.facts import after
from services.followup.protocol.moments import ask_about_pause_later, look_again_later
from services.followup.protocol.saying import rules_of, start_new, to_supporter
from shared.engine.world import Said, World
from shared.messages import Command
from shared.messages import followup as said


class Act(NamedTuple):
    """A command about a case: the rule that says who may give it, and what it does. `also_closed`: while the case is
    kept, not only while it is open (FOLLOW-14).
    """

    rule: str
    does: Callable[[World, Case, Any], Iterator[Said]]
    also_closed: bool = False


def pause(world: World, case: Case, _: said.PauseSupport) -> Iterator[Said]:
    if not case.paused:
        paused = said.SupportPaused(case=case.id)
        yield paused
        if case.supporter:
            yield to_supporter(case.id, case.supporter, "paused")
        yield from ask_about_pause_later(world, after(case, world.now, paused))


def resume(world: World, case: Case, _: said.ResumeSupport) -> Iterator[Said]:
    if case.paused:
        resumed = said.SupportResumed(case=case.id)
        yield resumed
        if case.supporter:
            yield to_supporter(case.id, case.supporter, "resumed")
        yield from start_new(world, case, after(case, world.now, resumed))


COMMANDS: dict[type[Command], Act] = {
    said.RecordContact: Act("FOLLOW-7", talks.contact),
    said.RecordConversation: Act("FOLLOW-7", talks.conversation),
    said.GrantExtension: Act("FOLLOW-2", talks.extend),
    said.AskMore: Act("FOLLOW-39", talks.ask_more),
    said.CloseCase: Act("FOLLOW-11", closing.close),
    said.HandOver: Act("FOLLOW-33", closing.hand_over),
    said.DeclineSupport: Act("FOLLOW-8", closing.decline),
    said.StopSupport: Act("FOLLOW-40", closing.stop, also_closed=True),
    said.PauseSupport: Act("FOLLOW-8", pause),
    said.ResumeSupport: Act("FOLLOW-8", resume),
    said.HandBack: Act("FOLLOW-29", replacing.hand_back),
    said.ChooseAnother: Act("FOLLOW-30", replacing.choose_another),
    said.ReplaceSupporter: Act("FOLLOW-31", replacing.take_away),
    said.RequestHelp: Act("FOLLOW-10", care.ask_help),
    said.AskDebrief: Act("FOLLOW-38", care.debrief, also_closed=True),
    said.ReportDanger: Act("FOLLOW-34", care.report_danger, also_closed=True),
    said.ConfirmDanger: Act("FOLLOW-35", care.confirm_danger, also_closed=True),
    said.AgreeToCheckIns: Act("FOLLOW-41", care.agree, also_closed=True),
    said.ReportMilestone: Act("FOLLOW-42", care.milestone, also_closed=True),
}


def answer(world: World, command: Any) -> Iterator[Said]:
    """Who may is looked at first, then whether the case still takes anything."""
    case, act = world.get(Case, command.case), COMMANDS[type(command)]
    if not rules_of(world).may(act.rule, command.by_role, _is_own(case, command)):
        yield said.Refused(regarding=case.id, command=command.name, rule=act.rule)
    elif not (case.is_open or (act.also_closed and case.is_kept)):
        yield said.Refused(regarding=case.id, command=command.name, rule="FOLLOW-14")
    else:
        yield from act.does(world, case, command)


def finish(world: World, command: said.FinishTask) -> Iterator[Said]:
    state = world.get(home_of(command.regarding), command.regarding)
    task = state.tasks.get(command.task)
    if task is None:
        return
    person = state.supporter if isinstance(state, Case) else state.id
    own = command.by_role == task.owner and (task.owner != "supporter" or command.by == person)
    if rules_of(world).may("FOLLOW-15", command.by_role, own):
        done = said.TaskFinished(regarding=state.id, task=task.kind)
        yield done
        if isinstance(state, Case):
            yield from look_again_later(world, after(state, world.now, done))
    else:
        yield said.Refused(regarding=state.id, command=command.name, rule="FOLLOW-15")


def _is_own(case: Case, command: Any) -> bool:
    """Whether the case is this person's: its supporter's, or its colleague's."""
    person = {"supporter": case.supporter, "colleague": case.colleague}.get(command.by_role, "")
    return person != "" and command.by == person
