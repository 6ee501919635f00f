"""A programme that has not settled everything practises: all of it works, and nothing leaves."""

from pathlib import Path

from tests.journeys.staff import ANNA, CARLA, SETTLED, write_hospital
from tests.journeys.town import a_report, open_town


async def test_in_practice_a_case_runs_its_course_and_nothing_leaves(tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospitals", answers=SETTLED | {"handover": ""})
    async with open_town(tmp_path) as town:
        refs = await town.move_in()
        coordinator = await town.key("coordinator")
        supporter = await town.key("supporter", refs[CARLA.staff_id])
        assert (await town.house.client.get("/v1/whoami", headers=coordinator)).json()["practice"]

        await town.ask("POST", "incidents", await town.key("feed"), a_report(ANNA.staff_id))
        await town.ask("POST", "incidents", await town.key("feed"), a_report(number="2"))
        [ask] = (await town.get("asks", supporter))["asks"]
        case = f"cases/{ask['case']}"
        for path, body in (
            ("ask/accept", None),
            ("contact", {"reached": True}),
            ("conversation", {"minutes": 40}),
            ("close", None),
        ):
            assert (await town.ask("POST", f"{case}/{path}", supporter, body)).status_code == 200
        await town.wait(days=3)

        shown = await town.get(f"{case}?lang=en", coordinator)
        notices = [line["text"] for line in shown["timeline"] if line["text"].startswith("Notice to")]
        assert (shown["state"], notices) == (
            "closed",
            [
                "Notice to the supporter: the ask to support (practice, not sent).",
                "Notice to the colleague: there is a supporter (practice, not sent).",
                "Notice to the supporter: how to reach the colleague (practice, not sent).",
                "Notice to the colleague: the support has ended (practice, not sent).",
            ],
        )
        assert town.mail == {}
        counted = (await town.figures()).splitlines()
        assert [line for line in counted if line.startswith("naast_notices_total")] == [
            'naast_notices_total{hospital="example",outcome="practice"} 5.0'
        ]
