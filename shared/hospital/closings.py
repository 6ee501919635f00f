"""How a hospital writes on which days it is closed or open: by date or by the name of a holiday; half days by hour."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared.hospital.country_days import folded, known_names
from shared.hospital.hours import MIDNIGHT, minutes

_NO_SUCH_DAY = "no day of {country} has that name; write a date such as 2026-12-24, or one of: {names}"


def _day_or_name(given: object) -> date | str:
    """A date, also where it stands between quotes, or the name of a holiday. Raises ValueError."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    text = " ".join(given.split()) if isinstance(given, str) else ""
    if not text:
        raise ValueError("write a date such as 2026-12-24, or the name of a holiday between quotes")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("there is no such date; write one such as 2026-12-24") from None


def _within_a_day(text: str) -> str:
    if not 0 < minutes(text) < MIDNIGHT:
        raise ValueError("a half day closes after 00:00 and before 24:00; leave the hour out where it is a whole day")
    return text


DayOrName = Annotated[date | str, BeforeValidator(_day_or_name)]


class _Closing(BaseModel):
    """A day on which the hospital is closed; on a half day `from` an hour on."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    day: DayOrName
    from_: Annotated[str, AfterValidator(_within_a_day)] | None = Field(default=None, alias="from")

    @model_validator(mode="before")
    @classmethod
    def _from_day(cls, given: Any) -> Any:
        return given if isinstance(given, dict) else {"day": given}

    @model_serializer
    def _as_written(self) -> Any:
        return {"day": self.day, "from": self.from_} if self.from_ else self.day


def _known(written: Any, info: ValidationInfo) -> Any:
    """Raises an error that holds all names there are for a name that no day of the hospital's country has."""
    day = written.day if isinstance(written, _Closing) else written
    country = info.data.get("country")
    if isinstance(day, date) or country is None or folded(day) in known_names(country):
        return written
    names = ", ".join(dict.fromkeys(known_names(country).values()))
    raise PydanticCustomError("no_such_day", _NO_SUCH_DAY, {"country": country, "names": names})


Closing = Annotated[_Closing, AfterValidator(_known)]
Opening = Annotated[DayOrName, AfterValidator(_known)]
