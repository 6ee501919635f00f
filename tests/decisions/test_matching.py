"""What matching says to each message, one after the other."""

from __future__ import annotations

from typing import Any

import pytest

from shared.engine.world import Later, Said
from shared.messages import Message
from shared.messages.matching import SearchDue
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    CLARA,
    OTHER,
    POOL,
    TOMORROW,
    accept,
    asked,
    closed,
    decline,
    matched,
    nobody,
    offered,
    passed,
    qualified,
    refused,
    said_no,
    search,
    silence,
    staff,
    story,
    supporter,
)

FIRST_ASK: list[Any] = [
    pytest.param([*POOL], offered(), asked(ANNA, eligible=2), id="of equals the first by id is asked"),
    pytest.param([*POOL, offered()], offered(), [], id="a repeated offer asks nobody twice"),
    pytest.param(
        [*POOL, offered(OTHER)],
        offered(),
        asked(BRAM, eligible=2),
        id="an open ask counts: the one without is asked",
    ),
    pytest.param(
        [*POOL, offered(OTHER), accept(ANNA, OTHER), closed(ANNA, OTHER)],
        offered(),
        asked(BRAM, eligible=2),
        id="who has been idle for longest is asked, and never before a case is longest",
    ),
    pytest.param(
        [*POOL, offered(OTHER), decline(ANNA, OTHER), closed("", OTHER)],
        offered(),
        asked(ANNA, eligible=2),
        id="a no costs nothing: she is still first",
    ),
    pytest.param(
        [*POOL],
        offered(CASE, OTHER),
        [*asked(ANNA, eligible=2), *asked(BRAM, case=OTHER, eligible=2)],
        id="two colleagues of one event get two supporters",
    ),
    pytest.param(
        [*ALONE],
        offered(calamity="yes"),
        asked(ANNA, urgent=True),
        id="after a calamity the ask is urgent",
    ),
    pytest.param(
        [*POOL, *supporter(CLARA, profession="doctor")],
        offered(not_by=(ANNA,)),
        asked(BRAM, removed={"MATCH-13": 1, "MATCH-1": 1}),
        id="an ask says which rules removed the others",
    ),
]

ANSWERS: list[Any] = [
    pytest.param([*POOL, offered()], accept(ANNA), matched(ANNA), id="a yes is a match"),
    pytest.param([*POOL, offered(), accept(ANNA)], accept(ANNA), [], id="a repeated yes changes nothing"),
    pytest.param(
        [*ALONE, offered(calamity="yes")],
        accept(ANNA),
        matched(ANNA, urgent=True),
        id="an urgent match is told at once",
    ),
    pytest.param([*POOL, offered()], accept(BRAM), refused("accept_ask", "MATCH-9"), id="only who is asked says yes"),
    pytest.param([*POOL, offered()], decline(BRAM), refused("decline_ask", "MATCH-9"), id="only who is asked says no"),
    pytest.param([*POOL], accept(ANNA), refused("accept_ask", "MATCH-9"), id="a yes before any ask is refused"),
    pytest.param([*POOL], decline(ANNA), refused("decline_ask", "MATCH-9"), id="a no before any ask is refused"),
    pytest.param(
        [*POOL, offered(), silence()],
        accept(ANNA),
        refused("accept_ask", "MATCH-8"),
        id="a yes after the time to answer hears that it is over",
    ),
    pytest.param(
        [*POOL, offered(), silence()],
        decline(ANNA),
        refused("decline_ask", "MATCH-8"),
        id="a no after the time to answer hears that it is over",
    ),
    pytest.param(
        [*POOL, offered(), decline(ANNA)],
        accept(ANNA),
        refused("accept_ask", "MATCH-9"),
        id="who said no cannot say yes any more",
    ),
    pytest.param(
        [*POOL, offered()],
        decline(ANNA),
        [said_no(ANNA), *asked(BRAM, 2, removed={"MATCH-7": 1})],
        id="after a no the next one is asked",
    ),
    pytest.param([*POOL, offered(), decline(ANNA)], decline(ANNA), [], id="a repeated no changes nothing"),
    pytest.param(
        [*POOL, offered(), accept(ANNA)],
        decline(ANNA),
        refused("decline_ask", "MATCH-9"),
        id="after a yes a case is given back through the coordinator",
    ),
    pytest.param(
        [*POOL, offered(), decline(ANNA)],
        decline(BRAM),
        [said_no(BRAM, 2), *nobody(MATCH_7=2)],
        id="after everybody's no nobody is left",
    ),
]

SILENCE: list[Any] = [
    pytest.param(
        [*POOL, offered()],
        silence(),
        [passed(ANNA), *asked(BRAM, 2, removed={"MATCH-8": 1})],
        id="after silence the next one is asked",
    ),
    pytest.param([*POOL, offered(), silence()], silence(), [], id="the same timer again changes nothing"),
    pytest.param([*POOL, offered(), accept(ANNA)], silence(), [], id="a late timer after a yes changes nothing"),
    pytest.param([*POOL, offered(), decline(ANNA)], silence(), [], id="a late timer after a no changes nothing"),
    pytest.param([*POOL], silence(), [], id="an early timer changes nothing"),
    pytest.param(
        [*POOL, offered(), silence()],
        silence(2),
        [passed(BRAM, 2), *nobody(MATCH_8=2)],
        id="when everybody let it pass it is said, and nobody is asked again at once",
    ),
    pytest.param(
        [*POOL, offered(), silence(), silence(2)],
        SearchDue(case=CASE, search=1),
        asked(ANNA, 3, eligible=2),
        id="the next search begins the row anew",
    ),
    pytest.param(
        [*POOL, offered(), silence(), silence(2), SearchDue(case=CASE, search=1)],
        silence(3),
        [passed(ANNA, 3), *asked(BRAM, 4, removed={"MATCH-8": 1})],
        id="and goes through the whole row again",
    ),
    pytest.param(
        [*ALONE, offered(), silence(), staff(BRAM)],
        qualified(BRAM),
        asked(BRAM, 2, removed={"MATCH-8": 1}),
        id="who let an ask pass does not stand in the way of somebody new",
    ),
]

SEARCHES: list[Any] = [
    pytest.param(
        [offered()],
        SearchDue(case=CASE, search=1),
        [Later(SearchDue(case=CASE, search=1), TOMORROW)],
        id="a search with the same outcome says nothing new and goes on",
    ),
    pytest.param(
        [offered(), staff(ANNA)],
        SearchDue(case=CASE, search=1),
        nobody(2, MATCH_3=1),
        id="a search with another outcome says so",
    ),
    pytest.param(
        [*ALONE, offered(), silence()], SearchDue(case=CASE, search=1), asked(ANNA, 2), id="a search that finds"
    ),
    pytest.param(
        [*ALONE, offered(), silence()],
        SearchDue(case=CASE, search=2),
        [],
        id="another search's timer changes nothing",
    ),
    pytest.param([*POOL], SearchDue(case=CASE, search=1), [], id="an early search changes nothing"),
    pytest.param(
        [offered(), *POOL, search()], SearchDue(case=CASE, search=1), [], id="a late search while somebody is asked"
    ),
    pytest.param([offered(), closed()], SearchDue(case=CASE, search=1), [], id="a late search in a closed case"),
    pytest.param([*ALONE, offered(), silence()], search(), asked(ANNA, 2), id="the coordinator searches at once"),
    pytest.param([offered()], search(), nobody(2), id="the coordinator hears again that there is nobody"),
    pytest.param(
        [*POOL, offered()],
        search(),
        refused("search_again", "MATCH-37"),
        id="nothing to search while somebody is asked",
    ),
    pytest.param(
        [*POOL, offered(), accept(ANNA)],
        search(),
        refused("search_again", "MATCH-33"),
        id="nothing to search when there is a supporter",
    ),
    pytest.param([], search(), refused("search_again", "MATCH-37"), id="nothing to search before an offer"),
]


@pytest.mark.parametrize(("before", "message", "then"), [*FIRST_ASK, *ANSWERS, *SILENCE, *SEARCHES])
def test_what_matching_says(before: list[Message], message: Message, then: list[Said]) -> None:
    assert story(*before).when(message) == then
