"""`naast case contact` and `naast case conversation`: that you spoke, how and how long; never what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import typer

from services.cli.case.cases import Case
from services.cli.command import command
from services.cli.desk import Desk
from services.cli.moments import At, aware
from services.cli.said import print_said
from services.cli.stop import WRONG, Stop

Channel = Literal["phone", "in_person", "video", "message"]
Spoken = Annotated[Channel, typer.Option("--channel", help="How you spoke.")]


def add_to(case_app: typer.Typer) -> None:
    """Adds the commands."""
    command(case_app, "contact", "naast case contact c-7k3m9q2hzd --not-reached --at 2026-11-20T14:30")(contact)
    command(case_app, "conversation", "naast case conversation c-7k3m9q2hzd --minutes 45")(conversation)


async def contact(
    desk: Desk,
    case: Case,
    reached: Annotated[bool, typer.Option("--reached/--not-reached", help="Whether you spoke.")] = True,
    channel: Spoken = "phone",
    at: At = None,
) -> None:
    """Record the first contact, or an attempt. (The colleague's number: naast case card.)"""
    await _tell(desk, f"cases/{case}/contact", {"reached": reached, "channel": channel}, at)


async def conversation(
    desk: Desk,
    case: Case,
    minutes: Annotated[int, typer.Option("--minutes", min=1, max=600, help="How long it took.")],
    follow_up: Annotated[bool, typer.Option("--follow-up", help="It was the phone follow-up.")] = False,
    team: Annotated[bool, typer.Option("--group", help="It was with a team; say with how many.")] = False,
    people: Annotated[
        int | None, typer.Option("--people", min=1, max=500, help="Of a team, how many took part.")
    ] = None,
    channel: Annotated[Channel | None, typer.Option("--channel", help="How you spoke.")] = None,
    at: At = None,
) -> None:
    """Record a conversation: how and how long; never what was said."""
    kind = _kind(follow_up, team, people)
    how = channel or ("phone" if follow_up else "in_person")
    body: dict[str, Any] = {"kind": kind, "channel": how, "minutes": minutes}
    await _tell(desk, f"cases/{case}/conversation", body | ({"people": people} if people else {}), at)


def _kind(follow_up: bool, team: bool, people: int | None) -> str:
    if follow_up and team:
        raise Stop("A phone follow-up is not with a team.", "Leave --follow-up or --group out.", WRONG)
    if team != (people is not None):
        raise Stop("Of a team it is told how many took part.", "Give both: --group --people 8", WRONG)
    return "group" if team else "phone_follow_up" if follow_up else "conversation"


async def _tell(desk: Desk, path: str, body: dict[str, Any], at: datetime | None) -> None:
    async with desk.client() as client:
        said = await client.post(path, body | ({"at": aware(desk, at)} if at else {}))
    print_said(desk, said)
