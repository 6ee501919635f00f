"""How facts change what intake remembers of a case, a report and a profession. Pure."""

from __future__ import annotations

from datetime import datetime

from services.intake.protocol.offers import TRIAGE
from services.intake.protocol.states import Headcount, Link, Report
from shared.engine.registry import Evolve
from shared.messages import followup, intake, matching


def unless_erased(evolve: Evolve) -> Evolve:
    """Whatever comes late joins an erased case with nobody again."""

    def after(link: Link, fact: object, at: datetime) -> Link:
        changed: Link = link if link.erased else evolve(link, fact, at)
        return changed

    return after


def asked(link: Link, ask: matching.SupporterAsked, _: datetime) -> Link:
    return link.but(asked=ask.supporter, answer_by=ask.answer_by)


def matched(link: Link, match: matching.SupporterMatched, _: datetime) -> Link:
    return link.but(matched=match.supporter, asked="", answer_by=None)


def replaced(link: Link, fact: followup.ReplacementNeeded, _: datetime) -> Link:
    return link.but(replaced=(*link.replaced, fact.supporter))


def agreed(link: Link, fact: followup.CheckInsAgreed, _: datetime) -> Link:
    return link.but(later=fact.later, milestones=fact.milestones)


def declined(link: Link, _: followup.SupportDeclined, __: datetime) -> Link:
    """Whose offer was taken back has her confirmation, or it is on its way."""
    return link if link.ending == "withdrawn" else link.but(ending="declined")


def closed(link: Link, fact: followup.CaseClosed, _: datetime) -> Link:
    return link.but(closed=True, ending=link.ending or fact.ending)


def accepted(report: Report, done: followup.TaskFinished, _: datetime) -> Report:
    """The coordinator ended by hand what the report waited for."""
    if done.task != TRIAGE or not report.reasons:
        return report
    return report.but(accepted=(*report.accepted, *report.reasons), reasons=(), due_at=None)


def counted(known: Headcount, fact: intake.HeadcountMeasured, _: datetime) -> Headcount:
    return known.but(headcount=fact.headcount)
