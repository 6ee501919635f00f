"""`naast case …`: what people do in a case. Who may do it is for the rules to say; a refusal names its rule."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from services.cli import show
from services.cli.cases import Case
from services.cli.command import command, group
from services.cli.desk import Desk

Channel = Annotated[Literal["phone", "in_person", "video", "message"], typer.Option("--channel", help="How you spoke.")]
Ending = Literal["completed", "declined", "not_reached", "withdrawn", "handed_over"]

app = group("One case: its timeline, and what you do in it.")


@command(app, "accept", "naast case accept c-7k3m9q2hzd")
async def accept(desk: Desk, case: Case) -> None:
    """Say yes to being asked; the colleague's card then opens for you."""
    await _tell(desk, f"cases/{case}/ask/accept")


@command(app, "decline", "naast case decline c-7k3m9q2hzd")
async def decline(desk: Desk, case: Case) -> None:
    """A supporter says no to being asked; a coordinator records that the colleague wants no support."""
    async with desk.client() as client:
        path = "ask/decline" if client.me["role"] == "supporter" else "decline"
        said = await client.post(f"cases/{case}/{path}")
    print_said(desk, said)


@command(app, "contact", "naast case contact c-7k3m9q2hzd --not-reached")
async def contact(
    desk: Desk,
    case: Case,
    reached: Annotated[bool, typer.Option("--reached/--not-reached", help="Whether you spoke.")] = True,
    channel: Channel = "phone",
) -> None:
    """Record the first contact, or an attempt. (The colleague's number: naast case card.)"""
    await _tell(desk, f"cases/{case}/contact", {"reached": reached, "channel": channel})


@command(app, "conversation", "naast case conversation c-7k3m9q2hzd --minutes 45")
async def conversation(
    desk: Desk,
    case: Case,
    minutes: Annotated[int, typer.Option("--minutes", min=1, max=600, help="How long it took.")],
    follow_up: Annotated[bool, typer.Option("--follow-up", help="It was the phone follow-up.")] = False,
    channel: Annotated[
        Literal["phone", "in_person", "video", "message"] | None, typer.Option("--channel", help="How you spoke.")
    ] = None,
) -> None:
    """Record a conversation: how and how long; never what was said."""
    kind = "phone_follow_up" if follow_up else "conversation"
    how = channel or ("phone" if follow_up else "in_person")
    await _tell(desk, f"cases/{case}/conversation", {"kind": kind, "channel": how, "minutes": minutes})


@command(app, "extend", "naast case extend c-7k3m9q2hzd")
async def extend(desk: Desk, case: Case) -> None:
    """Allow one conversation more."""
    await _tell(desk, f"cases/{case}/extension")


@command(app, "close", "naast case close c-7k3m9q2hzd --ending completed")
async def close(
    desk: Desk, case: Case, ending: Annotated[Ending, typer.Option("--ending", help="How it ended.")] = "completed"
) -> None:
    """Close a case."""
    await _tell(desk, f"cases/{case}/close", {"ending": ending})


@command(app, "pause", "naast case pause c-7k3m9q2hzd")
async def pause(desk: Desk, case: Case) -> None:
    """Let the support rest; its clocks stand still."""
    await _tell(desk, f"cases/{case}/pause")


@command(app, "resume", "naast case resume c-7k3m9q2hzd")
async def resume(desk: Desk, case: Case) -> None:
    """Take the support up again; its clocks start anew."""
    await _tell(desk, f"cases/{case}/resume")


@command(app, "help", "naast case help c-7k3m9q2hzd")
async def more_help(desk: Desk, case: Case) -> None:
    """Ask the coordinator for more help than a colleague can give."""
    await _tell(desk, f"cases/{case}/help")


@command(app, "search", "naast case search c-7k3m9q2hzd")
async def search(desk: Desk, case: Case) -> None:
    """Look for a supporter again, now."""
    await _tell(desk, f"cases/{case}/search")


@command(app, "card", "naast case card c-7k3m9q2hzd")
async def card(desk: Desk, case: Case) -> None:
    """How to reach the other one: for the supporter of the case. Each look is noted."""
    async with desk.client() as client:
        found = await client.get(f"cases/{case}/contact")
    if desk.json:
        desk.give(found)
        return
    show.pairs(desk, found["card"].items())


async def _tell(desk: Desk, path: str, body: Any = None) -> None:
    async with desk.client() as client:
        said = await client.post(path, body)
    print_said(desk, said)


def print_said(desk: Desk, answer: dict[str, Any]) -> None:
    """What a command led to, in a sentence each."""
    if desk.json:
        desk.give(answer)
        return
    words = desk.words
    told = [_sentence(desk, event) for event in answer["said"] if words.has(f"said.{event['type']}")]
    for sentence in told or [words("talk.nothing_said")]:
        desk.say(sentence)


def _sentence(desk: Desk, event: dict[str, Any]) -> str:
    words, data = desk.words, event["data"]
    if event["type"] == "supporter_asked":
        return words("said.supporter_asked", answer_by=words.moment(data["answer_by"], desk.zone))
    if event["type"] == "match_failed":
        removed = ", ".join(f"{rule} {n}" for rule, n in sorted(data["removed"].items()))
        return words("said.match_failed", pool=data["pool"], removed=removed or "-")
    return words(f"said.{event['type']}", **{k: v for k, v in data.items() if isinstance(v, int | str)})
