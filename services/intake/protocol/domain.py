"""Decisions of intake: when a report becomes an offer, what waits for the coordinator, who is told, and when.

A report is taken in once per version. What gives cause is prepared and, if nobody stops it, offered; the rest waits for
the coordinator's word. Who is who never leaves: what is said carries cases and codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from services.intake.protocol import changes, referrals
from services.intake.protocol.changes import unless_erased
from services.intake.protocol.offers import coordinator_says, forget, notice, silence_sends, take, withdrawn
from services.intake.protocol.states import Headcount, Link, Report, Staff
from shared.engine.registry import Decide, Evolve, On, Registry, States, becomes, nothing, protocol, same
from shared.engine.world import Later, Said, World
from shared.messages import followup, intake, matching, training
from shared.messages.parts import NoticeDueBase


def _record(world: World, row: intake.RecordStaff) -> Iterator[Said]:
    before = world.get(Staff, row.person)
    codes = row.model_dump(exclude={"by_role", "by", "person", "supporter"})
    stepped_back = not row.supporter and (before.listed or before.stepped_back)
    left_at = None if row.active else before.left_at or world.now
    after: Staff = before.but(listed=row.supporter, stepped_back=stepped_back, left_at=left_at, **codes)
    yield after
    if before.told and not after.active:
        yield intake.StaffLeft(person=row.person)
    elif (after.supporter or (before.told and after.active)) and not (before.told and _card(before) == _card(after)):
        yield _card(after)


def _card(staff: Staff) -> intake.StaffRecorded:
    return intake.StaffRecorded(
        person=staff.id,
        profession=staff.profession,
        department=staff.department,
        site=staff.site,
        languages=staff.languages,
        supporter=staff.listed,
        stepped_back=staff.stepped_back,
        trained_on=staff.trained_on,
        intervisie_on=staff.intervisie_on,
    )


def _tell_others(world: World, fact: training.SupporterNominated | training.SupporterQualified) -> Iterator[Said]:
    staff = world.get(Staff, fact.supporter)
    if staff.supporter and not staff.told:
        yield _card(staff)


def _count(world: World, known: intake.MeasureHeadcount) -> Iterator[Said]:
    code, headcount = known.profession, known.headcount
    if world.get(Headcount, code).headcount != headcount:
        yield intake.HeadcountMeasured(profession=code, headcount=headcount, on=known.on)


def _close(world: World, fact: followup.CaseClosed) -> Iterator[Said]:
    yield from referrals.closed(world, fact.case)
    if fact.ending == "withdrawn":
        yield from withdrawn(world, fact.case)


def _erase(world: World, fact: followup.CaseErased) -> Iterator[Said]:
    yield from referrals.closed(world, fact.case)
    yield from forget(world, fact.case)


def _write(world: World, due: NoticeDueBase) -> Iterator[Said]:
    yield notice(world, due.regarding, due.to, due.template, due.person, due.urgent)


def _divide(world: World, letter: intake.NoticeDivided) -> Iterator[Said]:
    """Each has a letter of her own, so that whoever gets hers does not hide who does not."""
    for reader in letter.readers:
        mine = intake.Notice(regarding=letter.regarding, to=letter.to, person=reader, template=letter.template)
        yield Later(mine, world.now)


def _account_for(_: World, gone: intake.NoticeGone) -> Iterator[Said]:
    """What became of a letter; that nobody wanted it any more is no news."""
    topic, template, to = gone.regarding, gone.template, gone.to
    if gone.reason == "not_wanted":
        return
    if gone.outcome == "failed":
        yield intake.NoticeFailed(regarding=topic, template=template, to=to, reason=gone.reason)
    else:
        channel: Literal["mail", "practice"] = "practice" if gone.outcome == "practice" else "mail"
        yield intake.NoticeSent(regarding=topic, template=template, to=to, channel=channel)


def _case(evolve: Evolve, decide: Decide = nothing) -> On:
    return On({Link: unless_erased(evolve)}, decide)


_INVOLVED: States = {Report: same, Staff: same, Link: same}
_REPORT: States = {Report: same}
_TOPIC: States = {Link: same, Report: same, Staff: same}

ON: Registry = {
    # Reports, and doors without one
    intake.TakeReport: On(_INVOLVED, take),
    intake.NameInvolved: On(_INVOLVED, coordinator_says),
    intake.SetDepartment: On(_REPORT, coordinator_says),
    intake.OfferNow: On(_REPORT, coordinator_says),
    intake.DismissReport: On(_REPORT, coordinator_says),
    intake.Refer: On(_INVOLVED, referrals.ask),
    intake.CallGroup: On(_INVOLVED, referrals.ask),
    intake.VetoPassed: On(_REPORT, silence_sends),
    intake.SupportOffered: On(_REPORT),
    intake.SupportWithdrawn: On(_REPORT),
    intake.SupporterInvolved: On(_REPORT),
    intake.EventReassessed: On(_REPORT),
    followup.TaskFinished: On({Report: changes.accepted}),
    # Staff
    intake.RecordStaff: On({Staff: same}, _record),
    intake.StaffRecorded: On({Staff: becomes(told=True)}),
    intake.StaffLeft: On({Staff: becomes(told=False)}),
    training.SupporterNominated: On({Staff: becomes(nominated=True)}, _tell_others),
    training.SupporterQualified: On({Staff: becomes(qualified=True)}, _tell_others),
    intake.MeasureHeadcount: On({Headcount: same}, _count),
    intake.HeadcountMeasured: On({Headcount: changes.counted}),
    # Cases
    matching.SupporterAsked: _case(changes.asked),
    matching.AskAccepted: _case(becomes(asked="", answer_by=None)),
    matching.AskDeclined: _case(becomes(asked="", answer_by=None)),
    matching.AskExpired: _case(becomes(asked="", answer_by=None)),
    matching.AskWithdrawn: _case(becomes(asked="", answer_by=None)),
    matching.SupporterMatched: _case(changes.matched),
    followup.ReplacementNeeded: _case(changes.replaced),
    followup.FirstContactMade: _case(becomes(contacted=True)),
    followup.SupportPaused: _case(becomes(paused=True)),
    followup.SupportResumed: _case(becomes(paused=False)),
    # Also after another ending: whoever stops everything hears nothing but the confirmation.
    followup.SupportDeclined: _case(changes.declined),
    followup.DangerConfirmed: _case(becomes(danger=True)),
    followup.CheckInsAgreed: _case(changes.agreed),
    followup.CaseClosed: _case(changes.closed, _close),
    followup.CaseErased: _case(same, _erase),
    # Notices and tasks
    matching.NoticeDue: On({}, _write),
    followup.NoticeDue: On({}, _write),
    training.NoticeDue: On({}, _write),
    intake.NoticeDue: On(_TOPIC, _write),
    intake.NoticeGone: On(_TOPIC, _account_for),
    intake.NoticeDivided: On(_TOPIC, _divide),
    intake.NoticeSent: On(_TOPIC),
    intake.NoticeFailed: On(_TOPIC),
    intake.TaskRaised: On(_TOPIC),
    intake.TaskDone: On(_TOPIC),
    intake.Refused: On(_TOPIC),
}
PROTOCOL = protocol("intake", {Report: ("report",), Staff: ("staff",), Link: ("case",), Headcount: ("profession",)}, ON)
