"""A slip in the settings of one hospital stops no other; what waits for it goes on once when it is mended."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.followup import tables
from services.intake.doors.mail.notices import Letter, Letterbox, NotNow
from services.intake.protocol.states import Link
from services.intake.tables import read_state
from tests.engine.place import rows
from tests.journeys.erasing import HER, STAFF, Known, begin, erase
from tests.journeys.erasing import live as live_her_case
from tests.journeys.mistyping import FIELD, mend, mistype
from tests.journeys.staff import ANNA, CARLA, IRIS, write_hospital
from tests.journeys.town import Town, a_report, open_town

OURS, THEIRS = "elsewhere", "example"


class Mailman(Letterbox):
    """A mail server that can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False

    async def send(self, letter: Letter) -> None:
        if self.away:
            raise NotNow
        await super().send(letter)


async def a_case(town: Town, hospital: str) -> int:
    """A report, the ask, the yes, a conversation. Gives how many steps were taken."""
    refs = await town.move_in(hospital)
    feed, carla = await town.key("feed", hospital=hospital), refs[CARLA.staff_id]
    supporter = await town.key("supporter", carla, hospital=hospital)
    answers = [await town.ask("POST", "incidents", feed, a_report(ANNA.staff_id, hospital=hospital), hospital=hospital)]
    [ask] = (await town.get("asks", supporter, hospital))["asks"]
    for path, body in (("ask/accept", None), ("contact", {"reached": True}), ("conversation", {"minutes": 40})):
        case = f"cases/{ask['case']}/{path}"
        answers.append(await town.ask("POST", case, supporter, body, hospital=hospital))
    return sum(answer.is_success for answer in answers)


async def tasks(town: Town, hospital: str) -> Any:
    return await town.get("tasks", await town.key("coordinator", hospital=hospital), hospital)


async def gauge(town: Town, name: str) -> dict[str, float]:
    text = await town.figures()
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples if one.name == name]
    return {"/".join(one.labels.values()): one.value for one in samples}


async def test_a_slip_leaves_the_earlier_settings_in_force_and_is_told(town: Town, tmp_path: Path) -> None:
    hospitals = town.house.common.hospitals
    assert await gauge(town, "naast_settings_problems") == {OURS: 0, THEIRS: 0}
    mistype(tmp_path / "hospitals")
    hospitals.look()
    assert [await a_case(town, hospital) for hospital in (OURS, THEIRS)] == [4, 4]
    assert "settings" not in await tasks(town, OURS)
    told = (await tasks(town, THEIRS))["settings"]
    assert told["problems"] == [
        {
            "field": FIELD,
            "do": {
                "nl": "is geen regel; is MATCH-5 bedoeld? `naast rules` toont ze alle",
                "en": "is no rule; is MATCH-5 meant? `naast rules` shows them all",
            },
        }
    ]
    others = await town.get("tasks", await town.key("supporter", hospital=THEIRS), THEIRS)
    assert "settings" not in others
    assert await gauge(town, "naast_settings_problems") == {OURS: 0, THEIRS: 1}

    mend(tmp_path / "hospitals")
    hospitals.look()
    assert "settings" not in await tasks(town, THEIRS)
    assert await gauge(town, "naast_settings_problems") == {OURS: 0, THEIRS: 0}


async def begun(town: Town, post: Mailman, hospital: str) -> None:
    """An ask that is open and whose letter cannot leave yet, and an offer that no other service has heard of."""
    await town.move_in(hospital)
    feed = await town.key("feed", hospital=hospital)
    post.away = True
    await town.ask("POST", "incidents", feed, a_report(ANNA.staff_id, hospital=hospital), hospital=hospital)
    engine = town.house.services["intake"].engine
    publish, engine.publish = engine.publish, None
    second = a_report(IRIS.staff_id, number="2026-2", hospital=hospital)
    await town.ask("POST", "incidents", feed, second, hospital=hospital)
    engine.publish = publish


async def said(town: Town, hospital: str) -> Counter[str]:
    """What was said about a hospital, by any service; and what was set aside."""
    found: Counter[str] = Counter()
    for running in town.house.services.values():
        for table in ("journal", "dead_letter"):
            known = await rows(running.engine, table, "hospital", "type")
            found.update(type for whose, type in known if whose == hospital)
    return found


@asynccontextmanager
async def opened_again(folder: Path) -> AsyncIterator[Town]:
    """Two hospitals in the middle of their work, after a slip in one of them and a new start five hours later."""
    for hospital in (OURS, THEIRS):
        write_hospital(folder / "hospitals", hospital)
    post = Mailman()
    async with open_town(folder, post=post) as town:
        for hospital in (OURS, THEIRS):
            await begun(town, post, hospital)
    mistype(folder / "hospitals")
    post.away = False
    town.clock.move_to(town.clock.now() + timedelta(hours=5))
    async with open_town(folder, town.clock, post) as town:
        await town.settle()
        yield town


async def test_a_house_starts_with_a_slip_and_everything_of_the_others_goes_on(tmp_path: Path) -> None:
    async with opened_again(tmp_path) as town:
        at_work, before = await said(town, OURS), await said(town, THEIRS)
        assert at_work["naast.matching.supporter_asked.v1"] == 3  # both offers, and the next one after the silence
        assert at_work["naast.matching.ask_expired.v1"] == 1
        assert at_work["naast.intake.notice_sent.v1"] > 0
        assert before["naast.matching.supporter_asked.v1"] == 1
        assert before["naast.intake.notice_sent.v1"] == 0
        letters = {who: len(found) for who, found in town.mail.items()}

        town.clock.move_to(town.clock.now() + timedelta(minutes=5))
        await town.settle()
        assert await said(town, THEIRS) == before  # it waits, however often it is looked at

        mend(tmp_path / "hospitals")
        town.house.common.hospitals.look()
        for _ in range(3):
            town.clock.move_to(town.clock.now() + timedelta(minutes=1))
            await town.settle()
        assert await said(town, THEIRS) == await said(town, OURS) == at_work
        # Both hospitals have the same people.
        assert {who: len(found) for who, found in town.mail.items()} == {who: n * 2 for who, n in letters.items()}


async def test_whoever_asks_something_of_it_is_told_to_come_again(tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospitals", THEIRS)
    async with open_town(tmp_path) as town:
        refs = await town.move_in(THEIRS)
        await town.ask("POST", "incidents", await town.key("feed"), a_report(ANNA.staff_id))
        [letter] = town.letters_of(CARLA)
        keys = {role: await town.key(role, refs[CARLA.staff_id]) for role in ("feed", "coordinator", "supporter")}
        [ask] = (await town.get("asks", keys["supporter"]))["asks"]
    mistype(tmp_path / "hospitals")
    async with open_town(tmp_path, town.clock) as town:
        report = a_report(IRIS.staff_id, number="2026-2")
        for method, path, role, body in (
            ("POST", "incidents", "feed", report),
            ("POST", f"cases/{ask['case']}/ask/accept", "supporter", None),
            ("GET", "tasks", "coordinator", None),
        ):
            answer = await town.ask(method, path, keys[role], body)
            assert (answer.status_code, answer.json()["error"]) == (503, "settings_not_in_force"), path
            assert answer.headers["retry-after"]
            assert [one["field"] for one in answer.json()["problems"]] == [FIELD]
        link = "/l/" + letter.link.rpartition("/")[2]
        pages = [await town.house.client.get(link), await town.house.client.post(f"{link}/accept")]
        assert [page.status_code for page in pages] == [503, 503]
        assert all("Dit kan nu even niet" in page.text for page in pages)

        mend(tmp_path / "hospitals")
        town.house.common.hospitals.look()
        assert (await town.ask("POST", "incidents", keys["feed"], report)).json()["taken"] == 1
        await town.press(await town.open(letter), "accept")
        assert (await town.get("asks", keys["supporter"]))["asks"] == []


async def is_erased(town: Town, case: Known) -> bool:
    """As the service remembers it: over HTTP nobody is answered while the settings are not in force."""
    async with town.house.services["intake"].database.read() as c:
        link = await read_state(c, Link, "example", case.case)
    return link is not None and link.erased


async def test_a_restored_backup_is_erased_again_once_the_settings_are_mended(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    backup = tmp_path_factory.mktemp("backup")
    write_hospital(tmp_path / "hospitals", staff=STAFF)
    async with open_town(tmp_path) as town:
        keys, case = await begin(town)
        await live_her_case(town, keys, case)
    shutil.copytree(tmp_path, backup, dirs_exist_ok=True)
    async with open_town(tmp_path, town.clock) as town:
        await erase(town, case)
    shutil.copy(tmp_path / "home" / "erased", backup / "home" / "erased")
    mistype(backup / "hospitals")
    async with open_town(backup, town.clock) as restored:
        assert not await is_erased(restored, case)
        mend(backup / "hospitals")
        restored.house.common.hospitals.look()
        await restored.settle()
        assert await is_erased(restored, case)
        assert HER.mail not in restored.mail


async def test_gauges_that_fail_for_one_hospital_are_those_of_one_hospital(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = tables.count_cases

    async def torn(c: Any, hospital: str) -> Any:
        if hospital == THEIRS:
            raise LookupError
        return await count(c, hospital)

    for hospital in (OURS, THEIRS):
        await a_case(town, hospital)
    monkeypatch.setattr(tables, "count_cases", torn)
    found = await gauge(town, "naast_cases")
    assert {labels: count for labels, count in found.items() if count} == {f"{OURS}/in_contact": 1}
    assert await gauge(town, "naast_loop_errors_total") == {"followup/gauges": 2}  # one for each of the two looks
    assert (await gauge(town, "naast_supporters"))[f"{THEIRS}/ready"] == 4
