"""What a command led to, told in a sentence each."""

from __future__ import annotations

from typing import Any

from services.cli.desk import Desk
from services.cli.terms import term


async def tell(desk: Desk, path: str, body: Any = None) -> None:
    """Gives a command to the services, and says what it led to."""
    async with desk.client() as client:
        said = await client.post(path, body)
    print_said(desk, said)


def print_said(desk: Desk, answer: dict[str, Any]) -> None:
    """What a command led to; of what has no words nothing is told."""
    if desk.json:
        desk.give(answer)
        return
    words = desk.words
    if answer.get("taken"):
        # Whoever asks for somebody else learns no more than that.
        desk.say(words("talk.taken"))
        return
    told = [_sentence(desk, event) for event in answer["said"] if words.has(f"said.{event['type']}")]
    for sentence in told or [words("talk.nothing_said")]:
        desk.say(sentence)


#: Fields that hold codes, and the section of the words in which these stand.
_CODES = {
    "to": "professional",
    "milestone": "milestone",
    "ending": "ending",
    "later": "yes_no",
    "milestones": "yes_no",
    "unit": "unit",
    "why": "why",
}


def _sentence(desk: Desk, event: dict[str, Any]) -> str:
    plain = {name: value for name, value in event["data"].items() if isinstance(value, int | str)}
    return desk.words(f"said.{event['type']}", **(plain | _in_words(desk, event["data"])))


def _in_words(desk: Desk, data: dict[str, Any]) -> dict[str, str]:
    """What people read for the fields that hold codes, moments or more than one thing."""
    words = desk.words
    found = {name: term(words, section, data[name]) for name, section in _CODES.items() if name in data}
    if "answer_by" in data:
        found["answer_by"] = words.moment(data["answer_by"], desk.zone)
    if "removed" in data:
        found["removed"] = ", ".join(f"{rule} {n}" for rule, n in sorted(data["removed"].items())) or "-"
    if "colleagues" in data:
        found["cases"] = ", ".join(one["case"] for one in data["colleagues"])
    return found
