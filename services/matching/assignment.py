"""Who of several cases gets whom: as many cases as possible, and then the fairest as a whole (MATCH-31). Pure.

Each supporter stands in one row with a column for each case that she has room for; her next column stands as far back
as if she had one case more. A pair costs the place of its column, and far more where she let this case pass, stands
behind who is on call or misses a wish. The answer depends on the rows only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import nsmallest
from operator import itemgetter
from typing import NamedTuple

from services.matching.pool import Turn


class Column(NamedTuple):
    """A place of a supporter, as it stands in the row."""

    open_cases: int
    recent: int
    idle_since: object
    who: str


def divide(rows: Sequence[Sequence[Turn]], room: Mapping[str, int]) -> list[Turn | None]:
    """Whom each case asks, or nobody. rows: who may be asked for it. room: how many cases each of them can take."""
    if sum(map(bool, rows)) < 2:
        return [min(row, default=None) for row in rows]
    most = len(rows)
    # A case never needs more than its best `most` columns: the other cases cannot take all of them.
    offers = [_best(row, room, most) for row in rows]
    columns = {column: place for place, column in enumerate(sorted({column for offer in offers for column in offer}))}
    chosen = _solve(_costs(offers, columns), most, len(columns))
    by_place = list(columns)
    return [None if at is None else _taken(offer, by_place[at]) for offer, at in zip(offers, chosen, strict=True)]


def _best(row: Sequence[Turn], room: Mapping[str, int], most: int) -> dict[Column, Turn]:
    """The first columns of a row, each with the turn that it stands for."""
    seats: list[tuple[Turn, Column]] = []
    for turn in nsmallest(most, row):
        for more in range(min(room[turn.who], most)):
            later = turn._replace(open_cases=turn.open_cases + more, recent=turn.recent + more)
            seats.append((later, Column(*later[3:])))
    return {column: turn for turn, column in nsmallest(most, seats, key=itemgetter(0))}


def _taken(offer: Mapping[Column, Turn], column: Column) -> Turn:
    return offer[column]


def _costs(offers: Sequence[Mapping[Column, Turn]], columns: Mapping[Column, int]) -> list[tuple[int, int, int]]:
    """Each allowed pair as (case, column, cost); a sum of costs orders divisions by one measure after the other."""
    measures = [
        (case, columns[column], (turn.late, turn.off_call, turn.misses, columns[column]))
        for case, offer in enumerate(offers)
        for column, turn in offer.items()
    ]
    weights = [1] * 4
    for n in (2, 1, 0):
        most = max(measure[n + 1] for _, _, measure in measures)
        weights[n] = weights[n + 1] * (len(offers) * most + 1)
    return [(case, at, sum(w * m for w, m in zip(weights, measure, strict=True))) for case, at, measure in measures]


def _solve(costs: Sequence[tuple[int, int, int]], cases: int, columns: int) -> list[int | None]:
    """The column of each case. A pair that is not allowed costs more than all others together."""
    # Large, and needed for events of several colleagues only.
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    never = float(cases * max(cost for _, _, cost in costs) + 1)
    matrix = np.full((cases, columns), never)
    at_case, at_column, cost = np.array(costs, dtype=float).T
    matrix[at_case.astype(int), at_column.astype(int)] = cost
    chosen: list[int | None] = [None] * cases
    for case, column in zip(*(side.tolist() for side in linear_sum_assignment(matrix)), strict=True):
        if matrix[case, column] < never:
            chosen[case] = column
    return chosen
