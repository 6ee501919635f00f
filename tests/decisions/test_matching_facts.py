"""What matching says to the facts of others, and where nobody can be asked."""

from __future__ import annotations

from typing import Any

import pytest

from shared.engine.world import Said
from shared.messages import Message, followup
from shared.messages.matching import NoticeDue
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    NO_THANKS,
    PAUSED,
    POOL,
    RESUMED,
    accept,
    asked,
    closed,
    erased,
    involved,
    left,
    nobody,
    offered,
    qualified,
    reinstated,
    replaced,
    staff,
    story,
    supporter,
    suspended,
    taken_back,
    withdrawn,
)

NOBODY: list[Any] = [
    pytest.param([], nobody(), id="an empty pool"),
    pytest.param(supporter(ANNA, profession="doctor"), nobody(MATCH_1=1), id="another profession"),
    pytest.param(supporter(ANNA, department="icu"), nobody(MATCH_2=1), id="the same department"),
    pytest.param([staff(ANNA)], nobody(MATCH_3=1), id="listed and not qualified"),
    pytest.param([*ALONE, suspended(ANNA)], nobody(MATCH_4=1), id="suspended"),
    pytest.param([*ALONE, left(ANNA)], nobody(), id="left: not in the pool"),
    pytest.param([staff(ANNA, supporter=False)], nobody(), id="no supporter: not in the pool"),
    pytest.param(
        [*ALONE, *(offered(f"c-x{n}") for n in range(3))], nobody(MATCH_5=1), id="three open asks fill her places"
    ),
    pytest.param(
        supporter(ANNA, profession="doctor", department="icu"),
        nobody(MATCH_1=1, nearly={}),
        id="counted once, under the first rule",
    ),
]

CASE_FACTS: list[Any] = [
    pytest.param([*POOL, offered()], closed(), [taken_back(ANNA)], id="closed while asked"),
    pytest.param([*POOL, offered()], withdrawn(), [taken_back(ANNA)], id="withdrawn while asked"),
    pytest.param([*POOL, offered()], PAUSED, [taken_back(ANNA)], id="paused while asked"),
    pytest.param([*POOL, offered()], NO_THANKS, [taken_back(ANNA)], id="declined by the colleague while asked"),
    pytest.param([*POOL, offered(), closed()], closed(), [], id="closed twice"),
    pytest.param([*POOL, offered(), PAUSED], PAUSED, [], id="paused twice"),
    pytest.param([*POOL, offered(), withdrawn()], withdrawn(), [], id="withdrawn twice"),
    pytest.param([*POOL, closed()], offered(), [], id="closed before the offer came"),
    pytest.param([*POOL, NO_THANKS], offered(), [], id="declined before the offer came"),
    pytest.param([*POOL, PAUSED], offered(), [], id="paused before the offer came"),
    pytest.param(
        [*POOL, PAUSED, RESUMED], offered(), asked(ANNA, eligible=2), id="paused and resumed before the offer"
    ),
    pytest.param([*POOL, offered(), PAUSED], RESUMED, asked(ANNA, 2, eligible=2), id="resumed: asked again"),
    pytest.param([*POOL, offered(), accept(ANNA), PAUSED], RESUMED, [], id="resumed with a supporter"),
    pytest.param([offered(), PAUSED], RESUMED, nobody(2), id="resumed, and there is still nobody"),
    pytest.param([*POOL, RESUMED], offered(), asked(ANNA, eligible=2), id="an early resumption changes nothing"),
    pytest.param(
        [*POOL, offered(), accept(ANNA)],
        replaced(ANNA),
        asked(BRAM, 2, removed={"MATCH-7": 1}),
        id="who gives a case back is not asked again",
    ),
    pytest.param([*POOL, offered(), accept(ANNA), replaced(ANNA)], replaced(ANNA), [], id="replaced twice"),
    pytest.param([*POOL, offered()], replaced(BRAM), [], id="a replacement of somebody else changes nothing"),
    pytest.param([*POOL, offered(), accept(ANNA), closed(ANNA)], replaced(ANNA), [], id="replaced in a closed case"),
    pytest.param(
        [*POOL, offered(), accept(ANNA)],
        replaced(ANNA, "chosen"),
        asked(BRAM, 2, removed={"MATCH-17": 1}),
        id="whom the colleague did not want is not asked again",
    ),
    pytest.param(
        [*POOL, offered()],
        involved(ANNA),
        [taken_back(ANNA), *asked(BRAM, 2, removed={"MATCH-13": 1})],
        id="who turns out to be involved is asked no longer",
    ),
    pytest.param([*POOL, offered(), involved(ANNA)], involved(ANNA), [], id="involved, told twice"),
    pytest.param([*POOL, involved(ANNA)], offered(), asked(BRAM, removed={"MATCH-13": 1}), id="involved, told early"),
    pytest.param(
        [*POOL, offered(), accept(ANNA)], involved(ANNA), [], id="followup says who replaces one who was involved"
    ),
    pytest.param([*POOL, offered(), closed()], involved(ANNA), [], id="involved, told late"),
    pytest.param([*POOL, offered()], erased(), [taken_back(ANNA)], id="erased while asked"),
    pytest.param([*POOL], erased(), [], id="erased early"),
    pytest.param([*POOL, erased()], offered(), [], id="an offer after the erasure"),
    pytest.param([*POOL, offered(), erased()], erased(), [], id="erased twice"),
]

SUPPORTER_FACTS: list[Any] = [
    pytest.param(
        [*POOL, offered()],
        left(ANNA),
        [taken_back(ANNA), *asked(BRAM, 2)],
        id="left while asked: the next one",
    ),
    pytest.param(
        [*POOL, offered()],
        suspended(ANNA),
        [taken_back(ANNA), *asked(BRAM, 2, removed={"MATCH-4": 1})],
        id="suspended while asked: the next one",
    ),
    pytest.param(
        [*POOL, offered()],
        staff(ANNA, department="icu"),
        [taken_back(ANNA), *asked(BRAM, 2, removed={"MATCH-2": 1})],
        id="moved to the colleague's department while asked: the next one",
    ),
    pytest.param([*POOL, offered()], staff(ANNA), [], id="the same staff row again changes nothing"),
    pytest.param([*POOL, offered(), accept(ANNA)], suspended(ANNA), [], id="a suspended supporter keeps her case"),
    pytest.param([*POOL, offered(), accept(ANNA)], left(ANNA), [], id="followup says who replaces one who left"),
    pytest.param([*POOL, offered()], reinstated(ANNA), [], id="reinstated and never suspended"),
    pytest.param([], suspended(ANNA), [], id="suspended before known"),
    pytest.param([], left(ANNA), [], id="left before known"),
    pytest.param([offered()], qualified(ANNA), [], id="qualified before known"),
    pytest.param([*POOL, offered()], NoticeDue(regarding=CASE, to="supporter", template="ask"), [], id="own facts"),
    pytest.param([*POOL, offered()], followup.MoreAsked(case=CASE), [], id="what does not concern matching"),
    pytest.param([offered(), staff(ANNA)], qualified(ANNA), asked(ANNA), id="qualified while a case waits"),
]


@pytest.mark.parametrize(("before", "message", "then"), [*CASE_FACTS, *SUPPORTER_FACTS])
def test_what_matching_says_to_the_facts_of_others(before: list[Message], message: Message, then: list[Said]) -> None:
    assert story(*before).when(message) == then


@pytest.mark.parametrize(("pool", "then"), NOBODY)
def test_nobody_can_be_asked_and_it_is_said_which_rule_removed_how_many(pool: list[Message], then: list[Said]) -> None:
    assert story(*pool).when(offered()) == then
