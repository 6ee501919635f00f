"""What a supporter says about when she is there, and who is on call."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse
from pydantic import Field, field_validator, model_validator

from services.matching import tables
from services.matching.protocol.hours import Presence, check_week, is_on_call
from services.matching.protocol.rules import RULES
from services.matching.protocol.states import Supporter
from shared.http.answers import Caller, Who, answer, gone, looked
from shared.http.bounds import Day, Moment
from shared.http.legible import Body
from shared.http.pages import Paged
from shared.http.terms import by_rule, lets
from shared.messages import Command
from shared.messages.matching import (
    CancelLeave,
    CancelOnCall,
    PauseSupporter,
    PlanLeave,
    PlanOnCall,
    ReturnSupporter,
    SetWeek,
)
from shared.service import Running

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
#: Longer is a mistake in writing.
LONGEST_LEAVE, LONGEST_TURN = timedelta(days=731), timedelta(days=31)


class Week(Body):
    week: dict[str, str] = Field(default_factory=dict, max_length=7)
    holidays: bool = True

    @field_validator("week")
    @classmethod
    def _of_days_and_hours(cls, week: dict[str, str]) -> dict[str, str]:
        check_week(week)
        return week


class Away(Body):
    first: Day
    last: Day

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Away:
        if not timedelta(0) <= self.last - self.first < LONGEST_LEAVE:
            raise ValueError("the last day is not before the first, and a leave is no longer than two years")
        return self


class FirstDay(Body):
    first: Day


class OnCall(Body):
    begin: Moment
    end: Moment

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> OnCall:
        if not timedelta(0) < self.end - self.begin <= LONGEST_TURN:
            raise ValueError("a turn ends after it begins, and lasts no longer than a month")
        return self


class Begin(Body):
    begin: Moment


def add_availability(routes: APIRouter, running: Running) -> None:
    _add_queries(routes, running)
    _add_hours(routes, running)
    _add_pause(routes, running)
    _add_on_call(routes, running)


def _add_queries(routes: APIRouter, running: Running) -> None:
    @routes.get("/availability")
    @lets("coordinator", "supporter")
    async def availability(who: Who, page: Paged) -> dict[str, Any]:
        """When a supporter is there: her own, or for the coordinator everybody's."""
        supporters = await _readable(running, who)
        await looked(running, who, "availability", (one.id for one in page.part(supporters)))
        now, hospital = running.clock.now(), running.hospital(who.hospital)
        rules = RULES.at(now, hospital)
        presence = Presence(hospital, now, rules.duration("MATCH-14"))
        return page.cut("availability", supporters, lambda one: _told(one, presence))

    @routes.get("/on-call")
    @lets("coordinator", "supporter")
    async def on_call(who: Who, page: Paged) -> dict[str, Any]:
        """The turns on call that are not over, the first to begin first."""
        now = running.clock.now()
        readable = await _readable(running, who)
        turns = sorted((turn, one.id) for one in readable for turn in one.on_call if turn.end > now)
        await looked(running, who, "on_call", (id for _, id in page.part(turns)))
        return page.cut("on_call", turns, lambda one: {"supporter": one[1], **_moments(one[0])})


def _add_hours(routes: APIRouter, running: Running) -> None:
    @routes.post("/availability/{supporter}/week")
    @by_rule(RULES, "MATCH-23")
    async def week(who: Who, supporter: str, body: Week, key: Key = None) -> JSONResponse:
        return await _command(running, SetWeek, who, supporter, key, **body.model_dump())

    @routes.post("/availability/{supporter}/leave")
    @by_rule(RULES, "MATCH-23")
    async def leave(who: Who, supporter: str, body: Away, key: Key = None) -> JSONResponse:
        return await _command(running, PlanLeave, who, supporter, key, **body.model_dump())

    @routes.post("/availability/{supporter}/leave/cancel")
    @by_rule(RULES, "MATCH-23")
    async def cancel_leave(who: Who, supporter: str, body: FirstDay, key: Key = None) -> JSONResponse:
        return await _command(running, CancelLeave, who, supporter, key, **body.model_dump())


def _add_pause(routes: APIRouter, running: Running) -> None:
    @routes.post("/availability/{supporter}/pause")
    @by_rule(RULES, "MATCH-23")
    async def pause(who: Who, supporter: str, key: Key = None) -> JSONResponse:
        return await _command(running, PauseSupporter, who, supporter, key)

    @routes.post("/availability/{supporter}/return")
    @by_rule(RULES, "MATCH-23")
    async def come_back(who: Who, supporter: str, key: Key = None) -> JSONResponse:
        return await _command(running, ReturnSupporter, who, supporter, key)


def _add_on_call(routes: APIRouter, running: Running) -> None:
    @routes.post("/on-call/{supporter}")
    @by_rule(RULES, "MATCH-24")
    async def plan(who: Who, supporter: str, body: OnCall, key: Key = None) -> JSONResponse:
        return await _command(running, PlanOnCall, who, supporter, key, **body.model_dump())

    @routes.post("/on-call/{supporter}/cancel")
    @by_rule(RULES, "MATCH-24")
    async def cancel(who: Who, supporter: str, body: Begin, key: Key = None) -> JSONResponse:
        return await _command(running, CancelOnCall, who, supporter, key, **body.model_dump())


async def _readable(running: Running, who: Caller) -> list[Supporter]:
    async with running.database.read() as c:
        return await tables.read_supporters(c, who.hospital, who.person if who.role == "supporter" else None)


async def _command(
    running: Running, kind: type[Command], who: Caller, supporter: str, key: str | None, **fields: Any
) -> JSONResponse:
    """Gives the command to the engine; somebody who is no supporter here does not exist."""
    command = kind.model_validate({"supporter": supporter, "by_role": who.role, "by": who.person, **fields})
    async with running.database.read() as c:
        if not await tables.read_supporters(c, who.hospital, supporter):
            raise gone()
    return await answer(running, who, command, RULES, key)


def _told(one: Supporter, presence: Presence) -> dict[str, Any]:
    wait = presence.off_duty(one)
    return {
        "supporter": one.id,
        "week": dict(one.week),
        "holidays": one.holidays,
        "leave": [{"first": each.first.isoformat(), "last": each.last.isoformat()} for each in one.leave],
        "on_call": [_moments(turn) for turn in one.on_call],
        "on_call_now": is_on_call(one, presence.now),
        "paused": one.paused,
        "there_from": (presence.now + wait).isoformat(),
    }


def _moments(turn: Any) -> dict[str, str]:
    return {"begin": turn.begin.isoformat(), "end": turn.end.isoformat()}
