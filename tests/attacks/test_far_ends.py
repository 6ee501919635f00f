"""Numbers and moments at the far ends of what can be written are refused in words, and break nothing."""

from __future__ import annotations

from typing import Any

from tests.journeys.staff import ANNA, CARLA
from tests.journeys.town import Town, a_report

FAR_MOMENTS = ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00")
FAR_DAYS = ("0001-01-01", "9999-12-31")
FAR_NUMBERS = ("-1", str(2**63), str(10**30))


def told(moment: str, day: str) -> dict[str, Any]:
    """Of every command that holds a moment or a day: its body."""
    turn = {"begin": moment, "end": moment}
    return {
        "cases/{case}/contact": {"reached": True, "at": moment},
        "cases/{case}/conversation": {"minutes": 30, "at": moment},
        "availability/{supporter}/leave": {"first": day, "last": day},
        "availability/{supporter}/leave/cancel": {"first": day},
        "on-call/{supporter}": turn,
        "on-call/{supporter}/cancel": {"begin": moment},
        "supporters/{supporter}/training": {"on": day},
        "supporters/{supporter}/intervisie": {"on": day},
    }


async def test_the_far_ends_of_numbers_and_of_time_break_nothing(town: Town) -> None:
    refs = await town.move_in()
    key, feed = await town.key("coordinator"), await town.key("feed")
    await town.ask("POST", "incidents", feed, a_report(ANNA.staff_id))
    [case] = (await town.get("cases", key))["cases"]
    ids = {"case": case["case"], "supporter": refs[CARLA.staff_id]}
    answers: dict[object, int] = {}
    for number in FAR_NUMBERS:
        for path in ("cases", "reports"):
            for name in ("offset", "limit"):
                query = f"{path}?{name}={number}"
                answers[query] = (await town.ask("GET", query, key)).status_code
    for moment in FAR_MOMENTS:
        for day in FAR_DAYS:
            for path, body in told(moment, day).items():
                answers[path, moment, day] = (await town.ask("POST", path.format(**ids), key, body)).status_code
    assert {asked: status for asked, status in answers.items() if status != 422} == {}
    for n, moment in enumerate(FAR_MOMENTS):
        for field in ("occurred_at", "reported_at"):
            value: Any = {"value": moment, "precision": "minute"} if field == "occurred_at" else moment
            report = a_report(ANNA.staff_id, number=f"far-{n}-{field}", **{field: value})
            answer = await town.ask("POST", "incidents", feed, report)
            # A report that cannot be read is refused; one of long ago waits for the coordinator.
            assert (answer.status_code in (202, 400), answer.json()["set_aside"]) == (True, []), (moment, field)
    for path in ("cases", "reports", "tasks", "availability", "on-call", "supporters"):
        await town.get(path, key)
