"""What leads to an offer without the coordinator, and how long she may stop it (INTAKE-3, INTAKE-4, INTAKE-11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.intake.protocol.rules import RULES, Incident, offered_by_itself, triggers, veto_window

RULES_NOW = RULES.on(date(2026, 11, 22))
ORDINARY = Incident(harm="low", calamity="no", event_types=("medication",))


def ordinary(*event_types: str, **but: Any) -> Incident:
    return replace(ORDINARY, event_types=event_types or ORDINARY.event_types, **but)


@pytest.mark.parametrize(
    ("incident", "causes"),
    [
        pytest.param(ORDINARY, (), id="an ordinary report waits"),
        pytest.param(Incident(), (), id="what is unknown gives no cause"),
        pytest.param(ordinary(calamity="yes"), ("calamity",), id="a calamity"),
        pytest.param(ordinary(calamity="possible"), ("calamity",), id="a possible calamity"),
        pytest.param(ordinary(harm="moderate"), (), id="moderate harm waits"),
        pytest.param(ordinary(harm="severe"), ("harm",), id="severe harm"),
        pytest.param(ordinary(harm="death"), ("harm",), id="death"),
        pytest.param(ordinary(harm="death", kind="near_miss"), (), id="a near miss never by its harm"),
        pytest.param(ordinary(harm="death", kind="unsafe_condition"), (), id="an unsafe condition never by its harm"),
        pytest.param(ordinary(kind="near_miss", support_wish="requested"), ("requested",), id="a near miss by request"),
        pytest.param(ordinary("patient_death"), ("patient_death",), id="a patient death"),
        pytest.param(ordinary("resuscitation"), ("resuscitation",), id="a resuscitation"),
        pytest.param(ordinary("aggression"), ("aggression",), id="aggression"),
        pytest.param(ordinary("suicide_attempt"), ("suicide_attempt",), id="a suicide attempt"),
        pytest.param(ordinary("complaint"), ("complaint",), id="a complaint"),
        pytest.param(ordinary("disciplinary_complaint"), ("disciplinary_complaint",), id="a disciplinary complaint"),
        pytest.param(ordinary(staff_victim=True), ("staff_victim",), id="a member of staff as victim"),
        pytest.param(ordinary(support_wish="requested"), ("requested",), id="the reporter asks"),
        pytest.param(ordinary(support_wish="declined"), (), id="a declined offer is no cause"),
        pytest.param(
            Incident("actual", "death", "yes", ("fall", "resuscitation"), True, "requested"),
            ("calamity", "harm", "resuscitation", "staff_victim", "requested"),
            id="all causes are told, in a fixed order",
        ),
    ],
)
def test_a_report_gives_cause(incident: Incident, causes: tuple[str, ...]) -> None:
    assert triggers(incident) == causes
    assert offered_by_itself(RULES_NOW, incident) == bool(causes)


def test_where_the_hospital_always_offers_every_report_leads_to_an_offer() -> None:
    assert offered_by_itself(RULES.on(date(2026, 11, 22), {"INTAKE-4": "always"}), ORDINARY)


@pytest.mark.parametrize(
    ("incident", "window"),
    [
        pytest.param(ordinary(harm="severe"), timedelta(hours=2), id="severe harm can be stopped"),
        pytest.param(ordinary(calamity="possible"), timedelta(hours=2), id="a possible calamity can be stopped"),
        pytest.param(ordinary(calamity="yes"), timedelta(0), id="an established calamity goes out at once"),
        pytest.param(ordinary(harm="death"), timedelta(0), id="a death goes out at once"),
        pytest.param(ordinary("patient_death"), timedelta(0), id="a patient death goes out at once"),
        pytest.param(ordinary(kind="near_miss", harm="death"), timedelta(hours=2), id="nobody died in a near miss"),
    ],
)
def test_a_prepared_offer_can_be_stopped_for_a_while(incident: Incident, window: timedelta) -> None:
    assert veto_window(RULES_NOW, incident) == window


def test_a_hospital_may_lengthen_the_window_but_not_the_wait_after_a_death() -> None:
    slower = RULES.on(date(2026, 11, 22), {"INTAKE-3": "8 hours"})
    assert veto_window(slower, ordinary(harm="severe")) == timedelta(hours=8)
    assert veto_window(slower, ordinary(harm="death")) == timedelta(0)
