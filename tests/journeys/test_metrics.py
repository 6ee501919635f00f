"""What a scrape shows after a journey: names by the book, labels that stay few, counters that say what happened."""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

from shared.messages import SERVICES
from shared.messages.base import CATALOGUE
from shared.metrics import ABOUT_SOMEBODY, shown_as
from tests.journeys.staff import ANNA, BRAM, CARLA
from tests.journeys.town import Town, a_report

#: Base units, and what is counted in things.
UNITS = {"seconds", "messages", "cases", "supporters", "problems"}
#: What the values of each label look like; none of them grows with people, cases or departments.
LABELS = {
    "service": "|".join(SERVICES),
    "publisher": "|".join(SERVICES),
    "type": "|".join((ABOUT_SOMEBODY, *(re.escape(one) for one in CATALOGUE if shown_as(one) == one))),
    "hospital": "example|elsewhere",
    "rule": "(INTAKE|MATCH|FOLLOW|TRAIN)-[0-9]+",
    "outcome": "[a-z_]+",
    "state": "[a-z_]+",
    "reason": "[a-z_]+",
    "without": "ask|answer|first_contact",
    "profession": "nurse|doctor",
    "work": "[a-z_]+",
    "what": "facts|mail",
    "where": "[a-z_.]+",
    "le": r"[0-9.e+]+|\+Inf",
}
Sample = tuple[str, tuple[str, ...]]


async def live(town: Town) -> None:
    """One says no and one yes; a fourth conversation is refused, and so is somebody who may not record one."""
    refs = await town.move_in()
    feed = await town.key("feed")
    for body in (a_report(ANNA.staff_id), a_report(ANNA.staff_id), {"no": "report"}, a_report(number="2")):
        await town.ask("POST", "incidents", feed, body)
    carla, bram = [await town.key("supporter", refs[one.staff_id]) for one in (CARLA, BRAM)]
    [ask] = (await town.get("asks", carla))["asks"]
    case = f"cases/{ask['case']}"
    for key, path in ((bram, "accept"), (carla, "decline"), (bram, "accept")):
        await town.ask("POST", f"{case}/ask/{path}", key)
    await town.ask("POST", f"{case}/conversation", await town.key("trainer"), {"minutes": 30})
    for _ in range(4):
        await town.ask("POST", f"{case}/conversation", bram, {"minutes": 30})
    await town.wait(hours=1)


async def scrape(town: Town) -> dict[Sample, float]:
    """Every sample: its name and the values of its labels, but for the buckets of histograms."""
    text = await town.figures()
    found: dict[Sample, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for label, value in sample.labels.items():
                assert re.fullmatch(LABELS[label], value), (sample.name, label)
            if "le" not in sample.labels:
                found[sample.name, tuple(sample.labels.values())] = sample.value
    return found


async def test_names_and_labels_are_by_the_book(town: Town) -> None:
    await live(town)
    await scrape(town)
    families = list(town.house.common.metrics.registry.collect())
    assert all(family.name.startswith("naast_") and family.documentation.endswith(".") for family in families)
    odd = {one.name for one in families if one.type != "counter" and one.name.rpartition("_")[2] not in UNITS}
    assert odd == set()
    suffixes = {
        sample.name.removeprefix(one.name) for one in families for sample in one.samples if one.type == "counter"
    }
    assert suffixes == {"_total"}


async def test_counters_say_what_happened(town: Town) -> None:
    await live(town)
    found = await scrape(town)
    told = ("naast_reports", "naast_notices", "naast_refusals", "naast_cases", "naast_supporters", "naast_dead_ends")
    assert {sample: value for sample, value in found.items() if sample[0].startswith(told) and value} == {
        ("naast_reports_total", ("example", "taken")): 2,
        ("naast_reports_total", ("example", "duplicate")): 1,
        ("naast_reports_total", ("example", "rejected")): 1,
        ("naast_dead_ends_messages", ("intake", "refused")): 1,
        ("naast_notices_total", ("example", "sent")): 5,
        ("naast_refusals_total", ("example", "MATCH-9", "matching")): 1,
        ("naast_refusals_total", ("example", "FOLLOW-7", "followup")): 1,
        ("naast_refusals_total", ("example", "FOLLOW-1", "followup")): 1,
        ("naast_cases", ("example", "in_contact")): 1,
        ("naast_supporters", ("example", "ready")): 4,
        ("naast_supporters", ("example", "suspended")): 1,
    }


async def test_what_one_says_the_others_consume(town: Town) -> None:
    await live(town)
    found = await scrape(town)
    consumed = {labels: value for (name, labels), value in found.items() if name == "naast_messages_consumed_total"}
    for said, heard in (
        ("naast.followup.conversation_held.v1", {}),
        ("naast.matching.supporter_matched.v1", {}),
        ("naast.intake.support_offered.v1", {"matching": 1, "followup": 1}),
    ):
        others = {service: consumed[service, said] for service in SERVICES if (service, said) in consumed}
        assert others == heard, said
    for service in SERVICES:
        assert found["naast_messages_published_total", (service,)] > 0
        assert found["naast_commit_seconds_count", (service,)] == found["naast_batch_size_messages_count", (service,)]
