"""Which process of a run takes which tests, and in which order: what takes long begins first, what is quick fills up.

What shares a thing that is dear to make, such as a deployment, stays together in one process.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

#: From what takes longest to what is quick.
FOLDERS = ("live", "laws", "journeys", "engine", "decisions", "rules")
#: Where each test may go to another process than the others of its file: they share nothing, or take long.
APART = ("laws", "journeys", "engine")
#: Except in these files.
TOGETHER = ("tests/journeys/test_killed_house.py",)


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Deals out files and tests, one at a time. (xdist 3.8 sees no groups with pytest 9.2.)"""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if _folder(nodeid) in APART and file not in TOGETHER else file


def sort(items: list[pytest.Item]) -> None:
    """What takes longest comes first; what is in no folder of these, last."""
    places = {folder: place for place, folder in enumerate(FOLDERS)}
    items.sort(key=lambda item: places.get(_folder(item.nodeid), len(places)))


def _folder(nodeid: str) -> str:
    return nodeid.removeprefix("tests/").partition("/")[0]
