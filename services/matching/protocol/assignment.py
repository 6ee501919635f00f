"""Who of several cases gets whom: as many cases as possible, and then the fairest as a whole (MATCH-31). Pure.

Each supporter has a column for each case that she has room for; her next column stands in the row as if she had one
case more. A pair costs the place of its column in the row; to be late, behind who is on call or to miss a wish costs
more than any place. The answer depends on the rows only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.matching.protocol.seats import Turn


class Column(NamedTuple):
    """A place of a supporter, as it stands in the row."""

    open_cases: int
    recent: int
    idle_since: datetime
    who: str


#: A case in a column, the better the smaller: late, off_call, misses, and the place of the column.
Pair = tuple[bool, bool, int, int]


def divide(rows: Sequence[Sequence[Turn]], limit: int) -> list[Turn | None]:
    """Whom each case asks, or nobody. rows: the first who may be asked for each case, at least as many as there are
    cases where so many may. limit: how many cases a supporter has at most (MATCH-5).
    """
    if sum(map(bool, rows)) < 2:
        return [min(row, default=None) for row in rows]
    columns = _columns(rows, limit)
    turns = [{turn.who: turn for turn in row} for row in rows]
    # A case never needs more than its best columns, as many as there are cases: the others cannot take all of them.
    pairs = [_best(row, columns, len(rows)) for row in rows]
    order = [column for of_one in columns.values() for column in of_one]
    by_place = {place: column for column, place in order}
    chosen = _one_after_the_other(pairs) or _solve(pairs)
    return [None if at is None else _taken(mine, by_place[at]) for mine, at in zip(turns, chosen, strict=True)]


def _columns(rows: Sequence[Sequence[Turn]], limit: int) -> dict[str, list[tuple[Column, int]]]:
    """The columns of each supporter, with their places in the row of all columns."""
    known = {turn.who: turn for row in rows for turn in row}
    most = len(rows)
    every = [
        Column(turn.open_cases + more, turn.recent + more, turn.idle_since, who)
        for who, turn in known.items()
        for more in range(min(limit - turn.open_cases, most))
    ]
    columns: dict[str, list[tuple[Column, int]]] = {who: [] for who in known}
    for place, column in enumerate(sorted(every)):
        columns[column.who].append((column, place))
    return columns


def _best(row: Sequence[Turn], columns: dict[str, list[tuple[Column, int]]], most: int) -> list[Pair]:
    pairs = [(late, off, misses, place) for late, off, misses, *_, who in row for _, place in columns[who]]
    return sorted(pairs)[:most]


def _taken(turns: dict[str, Turn], column: Column) -> Turn:
    """Her turn, with the cases that she gets before this one."""
    turn = turns[column.who]
    return turn._replace(open_cases=column.open_cases, recent=turn.recent)


def _one_after_the_other(pairs: Sequence[Sequence[Pair]]) -> list[int | None] | None:
    """Each case in turn gets the first column that is left, where that cannot be improved: nobody gets less than her
    best but for the place, and the columns are the very first. So it is for most events, and needs no solver.
    """
    taken: list[int | None] = []
    for row in pairs:
        pair = next((pair for pair in row if pair[3] not in taken), None)
        if pair is None or pair[:3] != row[0][:3]:
            return None
        taken.append(pair[3])
    return taken if set(taken) == set(range(len(pairs))) else None


def _solve(pairs: Sequence[Sequence[Pair]]) -> list[int | None]:
    """The column of each case, by its place. A pair that is not allowed costs more than all others together."""
    # Large, and needed for events of several colleagues only.
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    cases = len(pairs)
    at_case = np.repeat(np.arange(cases), [len(each) for each in pairs])
    measured = np.array([pair for each in pairs for pair in each], dtype=float)
    places, at_column = np.unique(measured[:, 3], return_inverse=True)
    costs = np.zeros(len(measured))
    # A sum of costs orders divisions by one measure after the other: a step of one outweighs all steps of the next.
    for measure in measured.T:
        costs = costs * (cases * measure.max() + 1) + measure
    never = cases * costs.max() + 1
    matrix = np.full((cases, len(places)), never)
    matrix[at_case, at_column] = costs
    chosen: list[int | None] = [None] * cases
    for case, column in zip(*linear_sum_assignment(matrix), strict=True):
        if matrix[case, column] < never:
            chosen[case] = int(places[column])
    return chosen
