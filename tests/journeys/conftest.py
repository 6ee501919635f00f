"""A town with two small hospitals, whose staff lists hold the same people."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.staff import write_hospital
from tests.journeys.town import Town, open_town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    for id in ("example", "elsewhere"):
        write_hospital(tmp_path / "hospitals", id)
    async with open_town(tmp_path) as town:
        yield town
