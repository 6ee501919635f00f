"""What is told of erased cases tells of nobody: no group of fewer than five, and none that is found by subtraction."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.protocol.tally import LEAST, published

KINDS = st.tuples(
    st.sampled_from(("2025", "2026")),
    st.sampled_from(("nurse", "doctor", "midwife")),
    st.sampled_from(("patient_death", "aggression")),
    st.sampled_from(("report", "self")),
    st.sampled_from(("completed", "handed_over")),
    st.sampled_from(("none", "0-24")),
    st.sampled_from(("0", "1")),
)
TALLIES = st.dictionaries(KINDS.map("|".join), st.integers(1, 12), max_size=25)


def kind(**but: str) -> str:
    codes = {"year": "2026", "profession": "nurse", "event": "aggression", "door": "report", "ending": "completed"}
    return "|".join((codes | {"hours": "0-24", "conversations": "1"} | but).values())


def counts(*tallies: tuple[str, int]) -> list[int]:
    return sorted(group["count"] for group in published(tallies))


def test_one_case_of_a_kind_is_not_told() -> None:
    assert published([(kind(event="patient_death"), 1)]) == []


def test_five_of_a_kind_are_told_as_they_are() -> None:
    [group] = published([(kind(), LEAST)])
    assert group == {
        "year": "2026",
        "profession": "nurse",
        "event": "aggression",
        "door": "report",
        "ending": "completed",
        "hours_to_contact": "0-24",
        "conversations": "1",
        "count": 5,
    }


def test_what_is_rare_is_told_by_what_it_has_in_common() -> None:
    [group] = published([(kind(conversations="0"), 3), (kind(event="patient_death"), 2)])
    assert (group["event"], group["conversations"], group["profession"], group["count"]) == (None, None, "nurse", 5)


def test_what_is_left_over_hides_with_the_smallest_group() -> None:
    assert counts(
        (kind(), 9), (kind(profession="doctor"), 6), (kind(ending="handed_over", profession="midwife"), 1)
    ) == [
        7,
        9,
    ]


@given(TALLIES)
def test_no_group_is_small_and_every_case_is_in_one(tallies: dict[str, int]) -> None:
    groups, total = published(tallies.items()), sum(tallies.values())
    assert all(group["count"] >= LEAST for group in groups)
    assert sum(group["count"] for group in groups) == (total if total >= LEAST else 0)


@given(TALLIES, st.data())
def test_no_group_tells_how_many_there_are_of_a_rare_kind(tallies: dict[str, int], data: Any) -> None:
    rare = [id for id, count in tallies.items() if count < LEAST]
    if rare:
        id = data.draw(st.sampled_from(rare))
        told = [group for group in published(tallies.items()) if "|".join(map(str, list(group.values())[:-1])) == id]
        assert told == []


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_in_which_they_are_kept_changes_nothing(order: int) -> None:
    tallies = [(kind(profession=one), n) for n, one in enumerate(("nurse", "doctor", "midwife", "other"), 2)]
    assert published(tallies[::order]) == published(tallies)
