"""Doors without a report: who may open which, what is offered then, and that nobody gets two cases by one door."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

import pytest

from services.intake.protocol.domain import PROTOCOL
from services.intake.protocol.states import Link, Report, Staff
from shared.messages import Message, Role, followup
from shared.messages.intake import CallGroup, Colleague, Involved, RecordStaff, Refer, Refused, SupportOffered
from shared.testing import NOW, Story, a_hospital

DEPARTMENTS: dict[str, Any] = {
    "icu": {"nl": "IC", "en": "ICU", "doors": ["self", "colleague", "manager"]},
    "surgery": {"nl": "Chirurgie", "en": "Surgery"},
}
ANNA, BRAM, MIA = "s-anna", "s-bram", "s-mia"
CLOSED = followup.CaseClosed(case="c-1", ending="completed")


def on_list(who: str, **but: Any) -> RecordStaff:
    codes: dict[str, Any] = {"profession": "nurse", "department": "icu", "languages": ("nl",)}
    return RecordStaff(by_role="coordinator", by="", person=who, **codes | but)


def refer(door: Any, whom: str = ANNA, by: str = ANNA, role: Role = "staff", n: int = 1) -> Refer:
    one = Involved(staff=whom, case=f"c-{n}", colleague=f"p-{n}")
    return Refer(report=f"r-{n}", door=door, colleague=one, by_staff=by, by_role=role, by=by, event_types=("other",))


def offered(door: Any, n: int = 1, **but: Any) -> SupportOffered:
    codes: dict[str, Any] = {"profession": "nurse", "department": "icu", "languages": ("nl",)}
    one = Colleague(case=f"c-{n}", colleague=f"p-{n}", **codes | but)
    return SupportOffered(report=f"r-{n}", t0=NOW, event_types=("other",), door=door, colleagues=(one,))


def refused(rule: str, n: int = 1, command: str = "refer") -> Refused:
    return Refused(regarding=f"r-{n}", command=command, rule=rule)


def story(*messages: Message) -> Story:
    """Mia manages Anna, through Tom; Bram works elsewhere, where no door was agreed."""
    staff = (
        on_list(ANNA, line="s-tom"),
        on_list("s-tom", line=MIA),
        on_list(MIA, supporter=True),
        on_list(BRAM, department="surgery", line=MIA),
    )
    return Story(PROTOCOL, a_hospital(departments=DEPARTMENTS)).given(*staff, *messages)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([], refer("self"), offered("self", line=(MIA,)), id="somebody asks for herself"),
        pytest.param([], refer("colleague", by=BRAM), offered("colleague", line=(MIA,)), id="a colleague asks for her"),
        pytest.param([], refer("manager", by=MIA), offered("manager", line=(MIA,)), id="her manager asks for her"),
        pytest.param([], refer("manager", by="s-tom"), offered("manager", line=(MIA,)), id="the nearest one as well"),
        pytest.param(
            [],
            refer("coordinator", BRAM, "", "coordinator"),
            offered("coordinator", department="surgery", line=(MIA,)),
            id="the coordinator offers it, whatever the department agreed to",
        ),
        pytest.param(
            [], refer("self", MIA, MIA, "supporter"), offered("self", not_by=(MIA,)), id="a supporter is not her own"
        ),
        pytest.param([], refer("self", BRAM, BRAM), refused("INTAKE-13"), id="the department did not agree to it"),
        pytest.param([], refer("self", by=BRAM), refused("INTAKE-14"), id="her own door is for nobody else"),
        pytest.param([], refer("colleague"), refused("INTAKE-14"), id="nobody is her own colleague"),
        pytest.param([], refer("manager", by=BRAM), refused("INTAKE-15"), id="he does not manage her"),
        pytest.param([], refer("manager", MIA, ANNA), refused("INTAKE-15"), id="she does not manage her manager"),
        pytest.param(
            [], refer("coordinator", by=BRAM), refused("INTAKE-17"), id="the coordinator's door is for nobody else"
        ),
        pytest.param([], refer("self", by=ANNA, role="feed"), refused("INTAKE-12"), id="a feed asks for nobody"),
        pytest.param([refer("self")], refer("self", n=2), refused("INTAKE-16", 2), id="again while the case is open"),
        pytest.param(
            [refer("self")],
            refer("colleague", by=BRAM, n=2),
            offered("colleague", 2, line=(MIA,)),
            id="by another door, for nobody there knows of the first",
        ),
        pytest.param(
            [refer("self"), CLOSED], refer("self", n=2), offered("self", 2, line=(MIA,)), id="again after it was closed"
        ),
        pytest.param(
            [refer("self"), CLOSED, followup.CaseErased(case="c-1")],
            refer("self", n=2),
            offered("self", 2, line=(MIA,)),
            id="again after it was erased",
        ),
        pytest.param(
            [refer("self"), CLOSED, refer("self", n=2), CLOSED],
            refer("self", n=3),
            refused("INTAKE-16", 3),
            id="a closing that is told twice opens no other case's door",
        ),
    ],
)
def test_somebody_asks_for_support_without_a_report(given: list[Message], when: Refer, then: Message) -> None:
    assert story(*given).when(when) == [then]


def test_the_same_request_twice_is_one_offer() -> None:
    assert story(refer("self")).when(refer("self")) == []


def test_nobody_is_offered_support_who_does_not_work_here() -> None:
    assert story(on_list(ANNA, active=False)).when(refer("coordinator", by="", role="coordinator")) == []


def test_it_is_remembered_like_any_report_and_its_case_like_any_case() -> None:
    tale = story(refer("colleague", by=BRAM))
    report = tale.state(Report, "r-1")
    assert (report.system, report.door, report.t0, report.reasons) == ("naast", "colleague", NOW, ())
    assert [person.standing for person in report.people] == ["offered"]
    assert tale.state(Link, "c-1") == Link(
        hospital="example", id="c-1", staff=ANNA, colleague="p-1", report="r-1", door="colleague"
    )
    assert [who for who in (ANNA, BRAM) if who in report.model_dump_json()] == [ANNA]


def test_when_it_is_erased_nobody_is_left_in_it() -> None:
    tale = story(refer("self"))
    assert tale.state(Staff, ANNA).doors != {}
    tale.given(followup.CaseErased(case="c-1"))
    assert tale.state(Report, "r-1") == Report(hospital="example", id="r-1", received_at=NOW, door="self", erased=True)
    assert tale.state(Staff, ANNA).doors == {}
    assert tale.state(Link, "c-1").erased


# -- a team ------------------------------------------------------------------------------------------------------------


def group(profession: str = "nurse", role: Role = "coordinator") -> CallGroup:
    caller = Involved(staff=BRAM, case="c-1", colleague="p-1")
    return CallGroup(report="r-1", department="icu", profession=profession, caller=caller, by_role=role, by="s-eva")


@pytest.mark.parametrize("profession", ["doctor", ""])
def test_the_coordinator_asks_for_support_of_a_team(profession: str) -> None:
    said = story().when(group(profession))
    assert said == [offered("group", profession=profession, department="icu", line=(MIA,))]


@pytest.mark.parametrize("role", [role for role in get_args(Role) if role != "coordinator"])
def test_nobody_else_asks_for_support_of_a_team(role: Role) -> None:
    assert story().when(group(role=role)) == [refused("INTAKE-17", command="call_group")]


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("door", ["self", "colleague", "manager", "coordinator"])
def test_each_door_is_open_to_its_roles(door: Any, role: Role) -> None:
    by = {"self": ANNA, "colleague": BRAM, "manager": MIA, "coordinator": MIA}[door]
    may = {"coordinator"} if door == "coordinator" else {"staff", "supporter", "coordinator"}
    [said] = story().when(refer(door, by=by, role=role))
    assert isinstance(said, SupportOffered) == (role in may)


def test_what_is_asked_at_night_is_offered_at_night() -> None:
    tale = story()
    tale.now = datetime.fromisoformat("2026-03-12T02:00:00+00:00")
    [said] = tale.when(refer("self"))
    assert isinstance(said, SupportOffered)
    assert said.t0 == tale.now
