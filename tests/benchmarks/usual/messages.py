"""What the services of the comparison tell each other."""

from datetime import datetime
from uuid import uuid4

from pydantic import BaseModel, Field


class Said(BaseModel):
    """Every message has an id of its own, and the hospital and case that it is about."""

    id: str = Field(default_factory=lambda: str(uuid4()))
    hospital: str
    case: str


class SupportOffered(Said):
    report: str
    colleague: str
    profession: str
    department: str
    t0: datetime


class SupporterAsked(Said):
    supporter: str
    answer_by: datetime


class AskAccepted(Said):
    supporter: str


class SupporterMatched(Said):
    supporter: str


class NoticeDue(Said):
    to: str
    template: str
    person: str


class NoticeSent(Said):
    to: str
    template: str


class Reported(BaseModel):
    """An incident report of a feed, as far as it is used."""

    id: str
    hospitalid: str
    data: "Report"


class Named(BaseModel):
    ref: str
    role: str


class Report(BaseModel):
    """What happened, in codes."""

    harm: str
    calamity: str
    department: str
    reported_at: datetime
    event_types: tuple[str, ...]
    staff: tuple[Named, ...]


EVENTS = (SupportOffered, SupporterAsked, AskAccepted, SupporterMatched, NoticeDue, NoticeSent)
PUBLISHERS = {SupportOffered: "intake", NoticeSent: "intake"}


def routing_key(kind: type[Said]) -> str:
    """For example matching.supporter_asked."""
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__)
    return f"{PUBLISHERS.get(kind, 'matching')}.{name[1:]}"
