"""Who reads a contact card, until when, and that a name is found nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from services.intake.protocol.states import Link
from services.intake.tables import metadata
from shared.messages import Role, followup, matching
from tests.engine.door import Door
from tests.engine.intake_house import canonical, feed, open_intake, ref
from tests.engine.intake_said import FHIR, ROLES, links


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        yield door


async def test_a_card_is_read_after_the_yes_and_until_the_closing_and_every_look_is_logged(door: Door) -> None:
    await feed(door, canonical("1"))
    link, carla = (await links(door))[ref(door, "1")], ref(door, "3")
    supporter = await door.key("supporter", carla)
    colleague = await door.key("colleague", link.colleague, link.id)
    path = f"cases/{link.id}/card"

    async def look() -> list[int]:
        return [(await door.post(key, path)).status_code for key in (supporter, colleague)]

    asked = matching.SupporterAsked(case=link.id, supporter=carla, ask=1, answer_by=door.clock.now())
    await door.hear(asked)
    assert await look() == [403, 403]
    await door.hear(matching.SupporterMatched(case=link.id, supporter=carla))
    card = await door.post(supporter, path)
    assert card.json()["card"] == {
        "name": "Anna Marker",
        "function": "nurse",
        "phone": "+31 6 11111",
        "mail": "anna@example.org",
    }
    assert card.headers["cache-control"] == "no-store"
    assert (await door.post(colleague, path)).json()["card"]["name"] == "Carla Marker"
    await door.hear(followup.CaseClosed(case=link.id, ending="completed", supporter=carla))
    assert await look() == [403, 403]
    log = (await door.get(await door.key("auditor"), "access-log")).json()["access_log"]
    looks = sorted((row["by_role"], row["by"], row["about"]) for row in log if row["what"] == "card")
    assert looks == [("colleague", link.colleague, [link.id]), ("supporter", carla, [link.id])]


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_else_reads_a_card(door: Door, role: Role) -> None:
    await feed(door, canonical("1"))
    link = (await links(door))[ref(door, "1")]
    await door.hear(matching.SupporterMatched(case=link.id, supporter=ref(door, "3")))
    case = link.id if role == "colleague" else ""
    for key in (await door.key(role, ref(door, "2"), case), await door.key(role, case=case)):
        refused = await door.post(key, f"cases/{link.id}/card")
        assert (refused.status_code, refused.json()["refused"]["rule"]) == (403, "INTAKE-8")
    for key in (await door.key(role, link.colleague, "c-other"), await door.key(role, hospital="elsewhere")):
        assert (await door.post(key, f"cases/{link.id}/card")).status_code == 404
    for key in (await door.key("supporter", ref(door, "3")), await door.key("colleague", link.colleague, link.id)):
        assert (await door.post(key, f"cases/{link.id}/card")).status_code == 200


async def test_a_supporter_who_was_replaced_reads_the_card_no_more(door: Door) -> None:
    await feed(door, canonical("1"))
    link, carla = (await links(door))[ref(door, "1")], ref(door, "3")
    await door.hear(matching.SupporterMatched(case=link.id, supporter=carla))
    key, path = await door.key("supporter", carla), f"cases/{link.id}/card"
    assert (await door.post(key, path)).status_code == 200
    await door.hear(followup.ReplacementNeeded(case=link.id, supporter=carla))
    assert (await door.post(key, path)).status_code == 403


async def test_after_a_second_person_says_that_there_is_danger_the_coordinator_reads_the_colleagues_card(
    door: Door,
) -> None:
    await feed(door, canonical("1"))
    link, coordinator = (await links(door))[ref(door, "1")], await door.key("coordinator", ref(door, "9"))
    path = f"cases/{link.id}/card"
    assert (await door.post(coordinator, path)).status_code == 403
    await door.hear(followup.DangerReported(case=link.id, by_role="supporter"))
    assert (await door.post(coordinator, path)).status_code == 403
    await door.hear(followup.DangerConfirmed(case=link.id))
    assert (await door.post(coordinator, path)).json()["card"]["name"] == "Anna Marker"
    assert (await door.post(await door.key("supporter", ref(door, "3")), path)).status_code == 403
    log = (await door.get(await door.key("auditor"), "access-log")).json()["access_log"]
    assert [(row["by_role"], row["what"], row["about"]) for row in log if row["about"]] == [
        ("coordinator", "card_in_danger", [link.id])
    ]
    await door.hear(followup.CaseClosed(case=link.id, ending="handed_over"))
    assert (await door.post(coordinator, path)).status_code == 200
    await door.hear(followup.CaseErased(case=link.id))
    assert (await door.post(coordinator, path)).status_code == 404


async def test_an_erased_case_has_no_links_and_of_who_looked_only_the_look_is_kept(door: Door) -> None:
    await feed(door, canonical("1", "2"))
    link, carla = (await links(door))[ref(door, "1")], ref(door, "3")
    await door.hear(matching.SupporterMatched(case=link.id, supporter=carla))
    for role, who in (("supporter", carla), ("colleague", link.colleague)):
        token = await door.running.access.make_link("example", role, who, link.id)  # type: ignore[arg-type]
        await door.post({"Authorization": f"Bearer {token}"}, f"cases/{link.id}/card")
    assert await links_of(door, link) == 2
    await door.hear(followup.CaseClosed(case=link.id, ending="completed"), followup.CaseErased(case=link.id))
    assert await links_of(door, link) == 0
    log = (await door.get(await door.key("auditor"), "access-log")).json()["access_log"]
    looks = sorted((row["by_role"], row["by"], row["about"]) for row in log if row["what"] == "card")
    assert looks == [("colleague", "", []), ("supporter", "", [])]


async def links_of(door: Door, link: Link) -> int:
    return sum(key.case == link.id for key in await door.running.access.keys("example", links=True))


async def test_an_erased_case_leaves_no_row_that_joins_it_and_a_person(door: Door) -> None:
    await feed(door, canonical("1", "2"))
    link = (await links(door))[ref(door, "1")]

    async def joined() -> set[str]:
        """The tables with a row that holds both."""
        async with door.running.database.read() as c:
            rows = [(t.name, str(row)) for t in metadata.sorted_tables for row in await c.execute(select(t))]
        return {table for table, row in rows if link.id in row and ref(door, "1") in row}

    assert await joined() == {"link"}
    await door.hear(followup.CaseClosed(case=link.id, ending="completed"), followup.CaseErased(case=link.id))
    assert await joined() == set()


@pytest.mark.parametrize("role", ROLES)
async def test_the_access_log_is_for_auditors_and_coordinators(door: Door, role: Role) -> None:
    response = await door.get(await door.key(role), "access-log")
    assert response.status_code == (200 if role in ("auditor", "coordinator") else 403)
    allowed = role in ("auditor", "coordinator", "feed")
    assert (await door.get(await door.key(role), "quarantine")).status_code == (200 if allowed else 403)


async def test_a_name_a_number_or_a_narrative_is_found_nowhere_but_in_the_contact_table(
    door: Door, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    await feed(door, canonical("1", "Marker-7"), canonical("1", data={"narrative": "Marker"}), FHIR)
    await feed(door, b'{"Marker": ')
    await door.running.engine.reject(b"Marker", ["unreadable"])
    async with door.running.database.read() as c:
        rows = {t.name: [str(row) for row in await c.execute(select(t))] for t in metadata.sorted_tables}

    def tells(text: str) -> bool:
        return any(secret in text.lower() for secret in ("marker", "example.org", "11111", "33333"))

    assert [tells(row) for row in rows.pop("contact")] == [True] * 8
    assert any("support_offered" in row for row in rows["journal"])
    logged = "".join((caplog.text, *capfd.readouterr()))
    assert "unreadable" in logged
    assert [text for text in (*(row for table in rows.values() for row in table), logged) if tells(text)] == []
