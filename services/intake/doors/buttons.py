"""What each button on a page does: the path below the case that it is passed on to, and the body of its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from shared.hospital import Hospital

Form = Mapping[str, str]


def _nothing(form: Form, hospital: Hospital) -> None:
    return None


def _contact(form: Form, hospital: Hospital) -> dict[str, Any]:
    return {"reached": form.get("reached") == "yes", **_some(form, "channel"), **_at(form, hospital)}


def _conversation(form: Form, hospital: Hospital) -> dict[str, Any]:
    people = {"people": _number(form["people"])} if "people" in form else {}
    minutes = {"minutes": _number(form.get("minutes", ""))}
    return {**_some(form, "kind", "channel"), **minutes, **people, **_at(form, hospital)}


def _close(form: Form, hospital: Hospital) -> dict[str, Any]:
    return _some(form, "ending")


def _wishes(form: Form, hospital: Hospital) -> dict[str, Any]:
    return {"unit": form.get("unit", "any"), **_ticked(form, "independent", "same_site", "own_line")}


def _check_ins(form: Form, hospital: Hospital) -> dict[str, Any]:
    return dict(_ticked(form, "later", "milestones"))


def _milestone(form: Form, hospital: Hospital) -> dict[str, Any]:
    return _some(form, "milestone")


BUTTONS: dict[str, dict[str, tuple[str, Callable[[Form, Hospital], Any]]]] = {
    "supporter": {
        "accept": ("ask/accept", _nothing),
        "decline": ("ask/decline", _nothing),
        "contact": ("contact", _contact),
        "conversation": ("conversation", _conversation),
        "help": ("help", _nothing),
        "debrief": ("debrief", _nothing),
        "hand-back": ("hand-back", _nothing),
        "danger": ("danger", _nothing),
        "close": ("close", _close),
    },
    "colleague": {
        "decline": ("decline", _nothing),
        "pause": ("pause", _nothing),
        "resume": ("resume", _nothing),
        "wishes": ("preferences", _wishes),
        "help": ("help", _nothing),
        "more": ("more", _nothing),
        "another": ("another", _nothing),
        "check-ins": ("check-ins", _check_ins),
        "milestone": ("milestone", _milestone),
        "stop": ("stop", _nothing),
    },
}
#: After these there is nothing left to do on the page.
ENDINGS = ("accept", "decline", "close", "hand-back", "stop")
#: These are asked once more, on a page of their own.
SURE = {"supporter": ("danger",), "colleague": ("stop",)}


def _some(form: Form, *names: str) -> dict[str, Any]:
    return {name: form[name] for name in names if form.get(name)}


def _ticked(form: Form, *names: str) -> dict[str, bool]:
    return {name: form.get(name) == "yes" for name in names}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _at(form: Form, hospital: Hospital) -> dict[str, Any]:
    """The moment in the hospital's own time; what is none goes on as it is, so that it is refused."""
    text = form.get("at", "")
    if not text:
        return {}
    try:
        local = datetime.fromisoformat(text)
        return {"at": local.replace(tzinfo=local.tzinfo or hospital.tz).astimezone(UTC).isoformat()}
    except (ValueError, OverflowError):
        return {"at": text}
