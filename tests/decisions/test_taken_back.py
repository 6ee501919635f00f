"""An offer that is taken back after a contact: the coordinator decides, and nobody is answered with silence."""

from __future__ import annotations

import pytest

from services.matching.protocol.states import Case
from shared.messages import Message
from tests.decisions import followup_tale as tale
from tests.decisions import matching_words as asking

ANNA, BRAM, CASE = asking.ANNA, asking.BRAM, asking.CASE
#: She has the case, the offer is taken back, and she gives the case back.
TALE: list[Message] = [asking.offered(), asking.accept(ANNA), asking.withdrawn(), asking.replaced(ANNA)]
HANDED_BACK = [*asking.POOL, *TALE]


def test_nobody_is_looked_for_until_the_coordinator_asks_for_it() -> None:
    *before, handed_back = HANDED_BACK
    assert asking.story(*before).when(handed_back) == []
    assert asking.story(*HANDED_BACK).when(asking.qualified("s-new")) == []


@pytest.mark.parametrize("word", [asking.search(), asking.picked(BRAM)], ids=["searches", "picks"])
def test_a_search_or_a_pick_of_the_coordinator_gets_her_somebody(word: Message) -> None:
    kept = asking.story(*HANDED_BACK)
    assert asking.asked_whom(kept.when(word)) == {CASE: BRAM}
    assert "SupporterMatched" in asking.names(kept.when(asking.accept(BRAM)))
    assert asking.names(kept.when(asking.replaced(BRAM))) == ["MatchFailed"]


def test_where_nobody_can_be_asked_it_is_said_and_tried_again() -> None:
    alone = asking.story(*asking.ALONE, *TALE)
    assert asking.names(alone.when(asking.search())) == ["MatchFailed"]
    assert asking.asked_whom(alone.when(asking.supporter(BRAM)[0])) == {}
    assert asking.asked_whom(alone.when(asking.supporter(BRAM)[1])) == {CASE: BRAM}


@pytest.mark.parametrize(
    ("before", "rule"),
    [
        ([asking.closed()], "MATCH-37"),
        ([asking.PAUSED], "MATCH-37"),
        ([asking.withdrawn(), asking.closed()], "MATCH-37"),
        ([asking.accept(ANNA)], "MATCH-33"),
    ],
    ids=["over", "at rest", "taken back before a contact", "somebody has it"],
)
def test_whoever_asks_for_what_cannot_be_is_told_why(before: list[Message], rule: str) -> None:
    told = asking.story(*asking.POOL, asking.offered(), *before)
    assert told.when(asking.search()) == asking.refused("search_again", rule)
    assert told.when(asking.picked(BRAM)) == asking.refused("pick_supporter", rule)


def test_whose_offer_was_taken_back_before_a_contact_is_over_with_the_closing() -> None:
    told = asking.story(*asking.POOL, asking.offered(), asking.withdrawn())
    assert told.when(asking.closed()) == []
    assert told.state(Case, CASE).over


# -- followup --------------------------------------------------------------------------------------------------------


def test_a_colleague_is_promised_nobody_while_nobody_is_looked_for() -> None:
    taken_back = tale.story(*tale.IN_CONTACT, tale.withdrawn())
    said = taken_back.when(tale.HAND_BACK)
    assert tale.REPLACED not in said
    assert said[1:3] == [tale.task("find_supporter", "FOLLOW-57"), tale.NOBODY_FOUND]


def test_once_somebody_is_asked_it_goes_on_like_any() -> None:
    goes_on = tale.story(*tale.IN_CONTACT, tale.withdrawn(), tale.HAND_BACK, tale.asked(tale.BRAM))
    again = tale.by(type(tale.HAND_BACK), tale.person("supporter", tale.BRAM))
    assert tale.REPLACED in goes_on.given(tale.matched(tale.BRAM)).when(again)
