"""Decisions of intake: when a report becomes an offer, what waits for the coordinator, who is told, and when.

A report is taken in once per version. What gives cause is prepared and, if nobody stops it, offered; the rest waits for
the coordinator's word. Who is who never leaves: what is said carries cases and codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.intake.protocol import referrals
from services.intake.protocol.offers import coordinator_says, forget, notice, silence_sends, take, withdrawn
from services.intake.protocol.states import Headcount, Link, Report, Staff
from shared.engine.world import Protocol, Said, State, World
from shared.messages import Event, followup, intake, matching, training
from shared.messages.intake import DismissReport, NameInvolved, OfferNow, SetDepartment
from shared.messages.parts import NoticeDueBase


def touches(event: Event) -> Iterable[tuple[type[State], str]]:
    match event.data:
        case intake.TakeReport(report=report, staff=named) | intake.NameInvolved(report=report, staff=named):
            yield Report, report
            for one in named:
                yield Staff, one.staff
                yield Link, one.case
        case intake.Refer(report=report, colleague=one) | intake.CallGroup(report=report, caller=one):
            yield Report, report
            yield Staff, one.staff
            yield Link, one.case
        case (
            intake.SupportOffered(report=report)
            | intake.SupporterInvolved(report=report)
            | intake.SupportWithdrawn(report=report)
            | intake.VetoPassed(report=report)
            | intake.SetDepartment(report=report)
            | intake.OfferNow(report=report)
            | intake.DismissReport(report=report)
        ):
            yield Report, report
        case intake.RecordStaff(person=person) | intake.StaffRecorded(person=person) | intake.StaffLeft(person=person):
            yield Staff, person
        case training.SupporterNominated(supporter=person) | training.SupporterQualified(supporter=person):
            yield Staff, person
        case intake.MeasureHeadcount(profession=code) | intake.HeadcountMeasured(profession=code):
            yield Headcount, code
        case (
            intake.NoticeGone(regarding=regarding)
            | intake.NoticeSent(regarding=regarding)
            | intake.NoticeFailed(regarding=regarding)
            | intake.TaskRaised(regarding=regarding)
            | intake.TaskDone(regarding=regarding)
            | intake.Refused(regarding=regarding)
            | followup.TaskFinished(regarding=regarding, task="triage")
        ):
            yield _home(regarding), regarding
        case (
            matching.SupporterAsked(case=case)
            | matching.AskAccepted(case=case)
            | matching.AskDeclined(case=case)
            | matching.AskExpired(case=case)
            | matching.AskWithdrawn(case=case)
            | matching.SupporterMatched(case=case)
            | followup.ReplacementNeeded(case=case)
            | followup.FirstContactMade(case=case)
            | followup.SupportDeclined(case=case)
            | followup.SupportPaused(case=case)
            | followup.SupportResumed(case=case)
            | followup.DangerConfirmed(case=case)
            | followup.CheckInsAgreed(case=case)
            | followup.CaseClosed(case=case)
            | followup.CaseErased(case=case)
        ):
            yield Link, case


def _home(regarding: str) -> type[State]:
    """What a ref refers to: cases, reports, staff and codes look different."""
    homes: dict[str, type[State]] = {"c-": Link, "r-": Report, "s-": Staff}
    return homes.get(regarding[:2], Headcount)


def evolve(state: State, event: Event) -> State:
    match state:
        case Link():
            return _evolve_link(state, event)
        case Staff():
            return _evolve_staff(state, event)
        case Report(reasons=reasons) if reasons and isinstance(event.data, followup.TaskFinished):
            accepted: Report = state.but(accepted=(*state.accepted, *reasons), reasons=(), due_at=None)
            return accepted
        case Headcount() if isinstance(event.data, intake.HeadcountMeasured):
            counted: Headcount = state.but(headcount=event.data.headcount)
            return counted
    return state


def _evolve_link(link: Link, event: Event) -> Link:
    if link.erased:
        return link  # whatever comes late joins it with nobody again
    changes: dict[str, object] = {}
    match event.data:
        case matching.SupporterAsked(supporter=supporter, answer_by=answer_by):
            changes = {"asked": supporter, "answer_by": answer_by}
        case matching.AskAccepted() | matching.AskDeclined() | matching.AskExpired() | matching.AskWithdrawn():
            changes = {"asked": "", "answer_by": None}
        case matching.SupporterMatched(supporter=supporter):
            changes = {"matched": supporter, "asked": "", "answer_by": None}
        case followup.ReplacementNeeded(supporter=supporter):
            changes = {"replaced": (*link.replaced, supporter)}
        case followup.FirstContactMade():
            changes = {"contacted": True}
        case followup.SupportPaused() | followup.SupportResumed():
            changes = {"paused": isinstance(event.data, followup.SupportPaused)}
        case followup.SupportDeclined():
            # Also after another ending: whoever stops everything hears nothing but the confirmation.
            changes = {"ending": "declined"}
        case followup.DangerConfirmed():
            changes = {"danger": True}
        case followup.CheckInsAgreed(later=later, milestones=milestones):
            changes = {"later": later, "milestones": milestones}
        case followup.CaseClosed(ending=ending):
            changes = {"closed": True, "ending": link.ending or ending}
    after: Link = link.but(**changes) if changes else link
    return after


def _evolve_staff(staff: Staff, event: Event) -> Staff:
    changes: dict[str, object] = {}
    match event.data:
        case training.SupporterNominated():
            changes = {"nominated": True}
        case training.SupporterQualified():
            changes = {"qualified": True}
        case intake.StaffRecorded():
            changes = {"told": True}
        case intake.StaffLeft():
            changes = {"told": False}
    after: Staff = staff.but(**changes) if changes else staff
    return after


def decide(world: World, event: Event) -> Iterator[Said]:
    match event.data:
        case intake.TakeReport() as version:
            yield from take(world, version)
        case intake.VetoPassed(report=id, round=round):
            yield from silence_sends(world, id, round)
        case intake.Refer() | intake.CallGroup() as word:
            yield from referrals.ask(world, word)
        case NameInvolved() | SetDepartment() | OfferNow() | DismissReport() as word:
            yield from coordinator_says(world, word)
        case intake.RecordStaff() as row:
            yield from _record(world, row)
        case training.SupporterNominated(supporter=person) | training.SupporterQualified(supporter=person):
            staff = world.get(Staff, person)
            if staff.supporter and not staff.told:
                yield _card(staff)
        case intake.MeasureHeadcount(profession=code, headcount=count, on=day):
            if world.get(Headcount, code).headcount != count:
                yield intake.HeadcountMeasured(profession=code, headcount=count, on=day)
        case followup.CaseClosed(case=case, ending=ending):
            yield from referrals.closed(world, case)
            if ending == "withdrawn":
                yield from withdrawn(world, case)
        case followup.CaseErased(case=case):
            yield from referrals.closed(world, case)
            yield from forget(world, case)
        case NoticeDueBase(regarding=regarding, to=to, template=template, person=person, urgent=urgent):
            yield notice(world, regarding, to, template, person, urgent)
        case intake.NoticeGone(reason="not_wanted"):
            pass
        case intake.NoticeGone(regarding=regarding, to=to, template=template, outcome="failed", reason=reason):
            yield intake.NoticeFailed(regarding=regarding, template=template, to=to, reason=reason)
        case intake.NoticeGone(regarding=regarding, to=to, template=template, outcome="practice"):
            yield intake.NoticeSent(regarding=regarding, template=template, to=to, channel="practice")
        case intake.NoticeGone(regarding=regarding, to=to, template=template):
            yield intake.NoticeSent(regarding=regarding, template=template, to=to)


def _record(world: World, row: intake.RecordStaff) -> Iterator[Said]:
    before = world.get(Staff, row.person)
    after: Staff = before.but(listed=row.supporter, **row.model_dump(exclude={"by_role", "by", "person", "supporter"}))
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
        trained_on=staff.trained_on,
        intervisie_on=staff.intervisie_on,
    )


PROTOCOL = Protocol(
    name="intake",
    kinds=(Report, Staff, Link, Headcount),
    touches=touches,
    evolve=evolve,
    decide=decide,
)
