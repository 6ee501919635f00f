"""A coordinator is on leave: what waits for her reaches her deputy at the same moment, and nobody is told twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.journeys.staff import ANNA, DIRK, EVA, write_hospital
from tests.journeys.town import NOW, Town, a_report, open_town

#: The midnight after her last day of leave.
BACK = timedelta(days=2, hours=14)
AWAY = 'deputies = ["102"]\naway = [{who = "101", from = 2026-03-11, to = 2026-03-13}]'


def told(town: Town) -> list[tuple[str, timedelta]]:
    """Who of the coordinators got a letter, and how long after the beginning, oldest first."""
    letters = [(one.to, one.at - NOW) for who in (EVA, DIRK) for one in town.letters_of(who)]
    return sorted(letters, key=lambda one: one[1])


async def test_a_missed_clock_reaches_whoever_is_there_and_nobody_else(tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospitals")
    settings = tmp_path / "hospitals" / "example" / "hospital.toml"
    settings.write_text(settings.read_text().replace('deputies = ["102"]', AWAY))
    async with open_town(tmp_path) as town:
        refs = await town.move_in()
        coordinator = await town.key("coordinator", refs[EVA.staff_id])
        assert (await town.get("on-duty", coordinator))["on_duty"] == ["102"]
        await town.ask("POST", "incidents", await town.key("feed"), a_report(number="2026-2"))
        assert told(town) == [(DIRK.mail, timedelta(0))]
        await town.ask("POST", "incidents", await town.key("feed"), a_report(ANNA.staff_id))
        await town.wait(days=7)
        assert [to for to, at in told(town) if at < BACK] == [DIRK.mail] * 5
        assert [to for to, at in told(town) if at >= BACK] == [EVA.mail] * 4
        assert (await town.get("on-duty", coordinator)) == {"on_duty": ["101"], "away": []}
        await town.ask("POST", "incidents", await town.key("feed"), a_report(number="2026-3"))
        assert told(town)[-1] == (EVA.mail, town.clock.now() - NOW)
