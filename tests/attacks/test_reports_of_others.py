"""Whoever may hand in reports on the broker hands in her own: of no other hospital, nor of another system of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from services.intake.doors.feeds import reports
from shared.bus import topology
from tests.engine.door import Door
from tests.engine.house import publish
from tests.engine.intake_house import canonical, open_intake
from tests.engine.place import Place, eventually
from tests.engine.rabbit_words import at_work, die_of, holds

EMPTY = {"source": {"system": "", "report_id": "2026-2", "revision": "1", "mapping": "vim@1"}}


@pytest.fixture(params=["sqlite"])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        yield door


async def handed_in(door: Door, whose: str, *found: Any, doomed: str = "") -> None:
    await reports.door(door.running)(whose, json.dumps(found).encode(), {"content-type": "application/json"}, doomed)


async def refused(door: Door, hospital: str = "example") -> list[tuple[str, str]]:
    """Reason and field of what this hospital's auditor sees, in order."""
    kept = (await door.get(await door.key("auditor", hospital=hospital), "quarantine", hospital)).json()["quarantine"]
    return sorted((one["reason"], one["path"]) for one in kept)


async def taken(door: Door, hospital: str = "example") -> int:
    return len(
        (await door.get(await door.key("coordinator", "s-9", hospital=hospital), "reports", hospital)).json()["reports"]
    )


async def test_an_account_of_one_system_hands_in_what_that_system_reports_and_nothing_else(door: Door) -> None:
    other = canonical("1", data={"source": EMPTY["source"] | {"system": "datix"}})
    await handed_in(door, "example.vim", canonical("1"), other, other["data"])
    assert await taken(door) == 1
    assert await refused(door) == [("other_system", "1.source.system"), ("other_system", "2.source.system")]
    await handed_in(door, "example.datix", other)
    await handed_in(door, "example", canonical("1", data={"source": EMPTY["source"] | {"system": "new"}}))
    assert await taken(door) == 3


@pytest.mark.parametrize("whose", ["elsewhere", "elsewhere.vim"])
@pytest.mark.parametrize("doomed", ["", "delivery_limit"])
async def test_a_report_that_names_another_hospital_than_its_account_is_refused_with_a_reason(
    door: Door, whose: str, doomed: str
) -> None:
    bare = canonical("1")["data"]
    mixed = canonical("1", hospitalid="elsewhere")
    await handed_in(door, whose, canonical("1"), bare, mixed, doomed=doomed)
    assert (await taken(door), await taken(door, "elsewhere")) == (0, 0)
    assert await refused(door) == []
    wrong = [("wrong_hospital", path) for path in ("0.hospitalid", "1.hospital_id", "2.data.hospital_id")]
    assert await refused(door, "elsewhere") == wrong


async def test_a_report_delivered_too_often_stays_with_its_hospital_whatever_it_says_of_itself(
    tmp_path: Path, amqp_url: str
) -> None:
    found: list[tuple[str, str]] = []

    async def enter(whose: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None:
        found.append((whose, doomed))

    place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "", ("amqp",))
    async with place.closing:
        engine = await place.engine()
        await topology.declare(amqp_url)
        await _with_forged_notes(amqp_url)
        await die_of(amqp_url, topology.REPORTS, topology.DELIVERY_LIMIT + 1)
        await eventually(lambda: holds(amqp_url, topology.dead_queue(topology.REPORTS), 1))
        async with at_work(place, engine, amqp_url, enter):
            await publish(amqp_url, "st-anna.vim", b"{}", topology.REPORTS)
            await eventually(lambda: holds(amqp_url, topology.dead_queue(topology.REPORTS), 0))
    assert sorted(found) == [("st-anna", "delivery_limit"), ("st-anna.vim", "")]


async def _with_forged_notes(url: str) -> None:
    """As the broker would note that it came for st-bea and was delivered too often."""
    names = {"exchange": topology.REPORTS, "queue": topology.REPORTS, "routing-keys": ["st-bea"]}
    death: Any = {"count": 1, "reason": "delivery_limit", "time": datetime.now(UTC)} | names
    async with await aio_pika.connect(url) as connection:
        exchange = await (await connection.channel()).get_exchange(topology.REPORTS)
        message = aio_pika.Message(b"{}", headers={"x-death": [death], "CC": ["st-bea"]})
        await exchange.publish(message, "st-anna")
