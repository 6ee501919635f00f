"""The checks of intake: which reports lead to an offer, by themselves or at once, and to whom; who reads a card.

The codes of reports are those of the canonical incident event (kind, harm, calamity, event types, support wish).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shared.rulebook import InForce, Rulebook

RULES = Rulebook.of("services.intake.protocol")

#: Event types that give cause for an offer by itself (INTAKE-4, option `trigger`), in the order in which they are told.
TRIGGERING_TYPES = (
    "patient_death",
    "resuscitation",
    "aggression",
    "suicide_attempt",
    "complaint",
    "disciplinary_complaint",
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A report as it is first received. `age`: since the event or, where its moment is unknown, the report."""

    age: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to one colleague. `has_offer`: this report gave her one that was not withdrawn. `support_wish`: hers."""

    has_offer: bool = False
    support_wish: str = "default"


@dataclass(frozen=True, slots=True)
class CardLook:
    """Somebody wants to read a contact card of a case. `danger`: by the coordinator, whom two people called."""

    accepted: bool = True
    closed: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """A door without a report is tried. `agreed`: the doors to which the colleague's department agreed; `oneself`: who
    tries it is the colleague; `in_line`: or one of her managers.
    """

    door: str = "coordinator"
    agreed: tuple[str, ...] = ()
    oneself: bool = False
    in_line: bool = False


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """Whether she has an open case already that came about by this very door."""

    has_case: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """A version of a report comes. `erased`: a case of it was erased before."""

    erased: bool = False


@dataclass(frozen=True, slots=True)
class ToColleague:
    """A letter is about to leave for a colleague. `ending`: how her case was closed, if it was."""

    template: str = "matched"
    ending: str = ""
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason for an offer by itself: the kind of report, and what in it gives cause."""

    kind: str = "actual"
    cause: str = "harm"


@dataclass(frozen=True, slots=True)
class Incident:
    """What a report says that may give cause for an offer by itself. `staff_victim`: the victim was of the staff."""

    kind: str = "actual"
    harm: str = "unknown"
    calamity: str = "unknown"
    event_types: tuple[str, ...] = ("other",)
    staff_victim: bool = False
    support_wish: str = "default"


@RULES.check("INTAKE-2")
def is_recent(receipt: Receipt, limit: timedelta) -> bool:
    return receipt.age <= limit


@RULES.check("INTAKE-5")
def is_the_first_offer(offer: Offer) -> bool:
    return not offer.has_offer


@RULES.check("INTAKE-8")
def card_is_open(look: CardLook) -> bool:
    return look.danger or (look.accepted and not look.closed)


@RULES.check("INTAKE-10")
def did_not_decline(offer: Offer) -> bool:
    return offer.support_wish != "declined"


@RULES.check("INTAKE-11")
def harm_was_done(cause: Cause) -> bool:
    return cause.kind == "actual" or cause.cause != "harm"


@RULES.check("INTAKE-13")
def department_agreed(opening: Opening) -> bool:
    return opening.door in ("coordinator", "group", *opening.agreed)


@RULES.check("INTAKE-14")
def is_for_whom_the_door_is(opening: Opening) -> bool:
    return {"self": opening.oneself, "colleague": not opening.oneself, "manager": not opening.oneself}.get(
        opening.door, True
    )


@RULES.check("INTAKE-15")
def manages_the_colleague(opening: Opening) -> bool:
    return opening.door != "manager" or opening.in_line


@RULES.check("INTAKE-16")
def has_no_open_case_by_this_door(door: OpenDoor) -> bool:
    return not door.has_case


@RULES.check("INTAKE-19")
def was_not_erased(again: Again) -> bool:
    return not again.erased


#: By which one letter it is confirmed that it is over for her; another farewell may lie ready still.
_CONFIRMED_BY = {"declined": "declined", "withdrawn": "closed"}


@RULES.check("INTAKE-20")
def she_wants_to_hear_it(letter: ToColleague) -> bool:
    if letter.ending in _CONFIRMED_BY:
        return letter.template == _CONFIRMED_BY[letter.ending]
    return not letter.paused or letter.template in ("paused", "still_paused", "closed")


def triggers(incident: Incident) -> tuple[str, ...]:
    """Codes of what gives cause for an offer by itself (INTAKE-4, INTAKE-11), in a fixed order; empty: nothing."""
    found = {
        "calamity": incident.calamity in ("yes", "possible"),
        "harm": incident.harm in ("severe", "death") and harm_was_done(Cause(incident.kind, "harm")),
        **{kind: kind in incident.event_types for kind in TRIGGERING_TYPES},
        "staff_victim": incident.staff_victim,
        "requested": incident.support_wish == "requested",
    }
    return tuple(cause for cause, given in found.items() if given)


def offered_by_itself(rules: InForce, incident: Incident) -> bool:
    """Whether the policy of the hospital prepares an offer without the coordinator (INTAKE-4)."""
    return rules.option("INTAKE-4") == "always" or bool(triggers(incident))


def veto_window(rules: InForce, incident: Incident) -> timedelta:
    """How long the coordinator may stop a prepared offer (INTAKE-3); zero after a death or an established calamity."""
    death = incident.harm == "death" and harm_was_done(Cause(incident.kind, "harm"))
    at_once = death or "patient_death" in incident.event_types or incident.calamity == "yes"
    return timedelta(0) if at_once else rules.duration("INTAKE-3")
