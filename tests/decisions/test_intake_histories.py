"""Whatever the feed repeats or reorders, everybody who is known has exactly one offer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.intake.protocol.states import Link, Report
from shared.messages import followup, matching
from shared.messages.intake import (
    SupportOffered,
    SupportWithdrawn,
    TakeReport,
)
from tests.decisions.intake_words import (
    ANNA,
    BRAM,
    CARLA,
    DAY,
    DIRK,
    DISMISS,
    HOUR,
    OFFER_NOW,
    deadly,
    name_involved,
    named,
    on_list,
    report,
    story,
)

VERSIONS = st.integers(1, 5)


def version(n: int, harm: str = "death") -> TakeReport:
    """Each version names one more; the last names Dirk as well, whom nobody knows."""
    return report(*(ANNA, BRAM, CARLA, CARLA, DIRK)[:n], harm=harm, revision=str(n), **_fresh_refs(n))


def _fresh_refs(n: int) -> dict[str, Any]:
    people = dict.fromkeys((ANNA, BRAM, CARLA, CARLA, DIRK)[:n])
    return {"staff": tuple(named(who, n=f"-{n}") for who in people)}


def offers_of(said: Iterable[Any]) -> list[str]:
    return [one.case for offer in said if isinstance(offer, SupportOffered) for one in offer.colleagues]


@given(st.lists(VERSIONS, min_size=1, max_size=12), st.sampled_from(["death", "severe"]), st.randoms())
def test_whatever_the_feed_repeats_or_reorders_everybody_known_has_exactly_one_offer(
    history: list[int], harm: str, chance: Any
) -> None:
    tale, said = story(), []
    for n in [*history, 5]:
        said += tale.when(version(n, harm))
        if chance.random() < 0.3:
            said += tale.wait(tale.now + HOUR)
    said += tale.wait(tale.now + DAY)
    people = sorted(tale.state(Link, case).staff for case in offers_of(said))
    assert people == ["s-anna", "s-bram", "s-carla"]
    assert tale.state(Report, "r-1").reasons == ("staff_unknown",)


ANYTHING = st.sampled_from(
    [
        *(version(n, harm) for n in (1, 2, 3) for harm in ("low", "severe", "death")),
        report(ANNA, revision="4"),
        report(BRAM, revision="5", calamity="yes"),
        report(ANNA, revision="6", status="withdrawn"),
        deadly(ANNA, BRAM, revision="7"),
        deadly(ANNA, revision=None, key="x"),
        deadly(BRAM, revision=None, key="y"),
        OFFER_NOW,
        DISMISS,
        name_involved(ANNA),
        name_involved(BRAM, DIRK),
        on_list(DIRK),
        on_list(ANNA, active=False),
        on_list(ANNA),
    ]
)


@given(st.lists(ANYTHING | st.sampled_from(["match", "close", "wait"]), max_size=25))
def test_nobody_ever_has_two_open_offers_for_one_report(history: list[Any]) -> None:
    tale, fresh = story(), iter(range(10_000))
    open_cases: dict[str, str] = {}
    for step in history:
        if step == "wait":
            said = tale.wait(tale.now + HOUR)
        elif isinstance(step, str):
            case = next(iter(open_cases), "c-nobody")
            said = tale.when(
                matching.SupporterMatched(case=case, supporter="s-carla")
                if step == "match"
                else followup.CaseClosed(case=case, ending="completed")
            )
        else:
            staff = getattr(step, "staff", None)
            refs = [named(one.staff[2:], n=f"-{next(fresh)}") for one in staff or ()]
            said = tale.when(step.model_copy(update={"staff": tuple(refs)}) if staff else step)
        for one in said:
            if isinstance(one, SupportWithdrawn):
                for case in one.cases:
                    del open_cases[case]
        for case in offers_of(said):
            assert tale.state(Link, case).staff not in open_cases.values()
            open_cases[case] = tale.state(Link, case).staff
