"""A hospital's settings and clocks, as several tests need them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.hospital import Hospital

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


def hospital(**changes: object) -> Hospital:
    settings: dict[str, object] = {
        "id": "st-anna",
        "name": "Sint Anna",
        "timezone": "Europe/Amsterdam",
        "languages": ["nl", "en"],
        "country": "NL",
        "working_hours": dict.fromkeys(WEEK, "08:00-17:00"),
        "quiet_hours": {"from": "22:00", "to": "07:00"},
        "professions": {"nurse": {"nl": "Verpleegkundige", "en": "Nurse"}},
        "departments": {"ic": {"nl": "Intensive care", "codes": ["310", "Café 1"]}, "seh": {"nl": "Spoedeisende hulp"}},
    }
    return Hospital.model_validate(settings | changes)


ANNA = hospital()


AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)
