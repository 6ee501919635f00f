"""What one hospital has settled, in the shape of its `hospital.toml`, and the clocks that follow from it. Pure."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StringConstraints,
    model_validator,
)

from shared.hospital.closings import Closing, Opening
from shared.hospital.country_days import NamedDay, check_country
from shared.hospital.days import Word, in_force, open_hours, same_day
from shared.hospital.hours import MIDNIGHT, Hours, Span, awake, minutes, opening

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: The form of a staff number, wherever one is written: no spaces and no `@`, so that no name or address passes for one.
STAFF_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
#: The form of a hospital's id.
HOSPITAL_ID = r"^[a-z0-9][a-z0-9-]{0,39}$"


def tidy(text: str) -> str:
    """A code as it is compared: Unicode NFC, without space around it, single spaces within."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError('write a time zone of the IANA list, for example "Europe/Amsterdam"') from error
    return name


def _country(code: str) -> str:
    try:
        check_country(code)
    except NotImplementedError as error:
        raise ValueError('write a country code such as "NL", or with a part of the country, such as "DE-BY"') from error
    return code


def _hours_of_a_day(text: str) -> str:
    opening(text)
    return text


def _time_of_day(text: str) -> str:
    minutes(text)
    return text


Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=120, pattern=r"^\P{C}*$")]
Label = Annotated[Text, Field(min_length=1)]
Code = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
Language = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z]{2}$")]
StaffId = Annotated[str, StringConstraints(strict=True, pattern=STAFF_ID)]
Clock = Annotated[str, AfterValidator(_time_of_day)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class QuietHours(_Settings):
    """The local hours in which nobody is disturbed; they may pass midnight."""

    from_: Clock = Field(alias="from")
    to: Clock

    @model_validator(mode="after")
    def _leaves_part_of_the_day(self) -> QuietHours:
        awake(self.from_, self.to)
        return self


class Away(_Settings):
    """Somebody is not there, from the first to the last of these local days."""

    who: StaffId
    from_: date = Field(alias="from")
    to: date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Away:
        if self.to < self.from_:
            raise ValueError("an absence ends on the day that it begins, or later")
        return self

    def on(self, day: date) -> bool:
        return self.from_ <= day <= self.to


#: Ways to support without a report; a department agrees to each.
DepartmentDoor = Literal["self", "colleague", "manager"]
DOORS: tuple[DepartmentDoor, ...] = get_args(DepartmentDoor)


class Department(_Settings):
    """A department: its name per language, the other codes by which the feeds call it, and the doors to support without
    a report that it agreed to.
    """

    names: dict[Language, Label] = Field(min_length=1)
    codes: tuple[Label, ...] = ()
    doors: tuple[DepartmentDoor, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_table(cls, table: Any) -> Any:
        if not isinstance(table, dict) or "names" in table:
            return table
        more = {key: table[key] for key in ("codes", "doors") if key in table}
        return {"names": {key: value for key, value in table.items() if key not in more}, **more}


class Answers(_Settings):
    """What a programme settles before it starts: for each question an option, or "yes, agreed on <date>"."""

    confidentiality: Text = ""
    sharing: Text = ""
    handover: Text = ""
    position: Text = ""


class Hospital(_Settings):
    """The settings of one hospital, frozen. `shifts`: the professions that work many shifts (TRAIN-6)."""

    id: Annotated[str, StringConstraints(strict=True, pattern=HOSPITAL_ID)]
    name: Label
    timezone: Annotated[str, AfterValidator(_zone)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    country: Annotated[str, AfterValidator(_country)]
    closed: tuple[Closing, ...] = ()
    open: tuple[Opening, ...] = ()
    working_hours: Annotated[dict[Day, Annotated[str, AfterValidator(_hours_of_a_day)]], Field(min_length=1)]
    quiet_hours: QuietHours | None = None
    coordinators: tuple[StaffId, ...] = ()
    deputies: tuple[StaffId, ...] = ()
    away: tuple[Away, ...] = ()
    professions: Annotated[dict[Code, dict[Language, Label]], Field(min_length=1)]
    shifts: tuple[Code, ...] = ()
    departments: Annotated[dict[Code, Department], Field(min_length=1)]
    rules: dict[Code, StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | Label] = {}
    answers: Answers = Answers()

    @model_validator(mode="after")
    def _shifts_are_of_professions(self) -> Hospital:
        for code in self.shifts:
            if code not in self.professions:
                raise ValueError(f"shifts: names no profession of here; there are {', '.join(self.professions)}")
        return self

    @model_validator(mode="after")
    def _every_code_means_one_department(self) -> Hospital:
        seen: dict[str, str] = {}
        for code, department in self.departments.items():
            for known in (code, *department.codes):
                if seen.setdefault(tidy(known), code) != code:
                    raise ValueError(f"departments {seen[tidy(known)]} and {code} share a code; give it to one of them")
        return self

    @model_validator(mode="after")
    def _every_day_has_one_word(self) -> Hospital:
        days = [same_day(self.country, word.day) for word in self._words]
        if len(set(days)) < len(days):
            raise ValueError("a day stands twice in closed and open; say once what holds on it")
        return self

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The questions that the programme has not settled yet, in their order."""
        return tuple(name for name in Answers.model_fields if not getattr(self.answers, name))

    @property
    def practice(self) -> bool:
        """As long as a question is open everything works and no notice leaves."""
        return bool(self.unanswered)

    def on_duty(self, day: date) -> tuple[str, ...]:
        """Who coordinates on this local day, by staff number: the coordinators who are there; if none is, the deputies
        who are there; and if nobody is, everybody, so that a word to them never has no reader.
        """
        absent = {one.who for one in self.away if one.on(day)}
        groups = (self.coordinators, self.deputies)
        there = [tuple(who for who in group if who not in absent) for group in groups]
        return next((group for group in (*there, *groups) if group), ())

    def department(self, code: str) -> str | None:
        """The hospital's own code of a department by any of its codes; None if no department is called so."""
        wanted = tidy(code)
        for own, department in self.departments.items():
            if wanted == tidy(own) or wanted in map(tidy, department.codes):
                return own
        return None

    def is_open(self, at: datetime) -> bool:
        """Whether this moment is in working hours and no holiday."""
        return self._working.runs_at(at)

    def days(self, year: int) -> tuple[NamedDay, ...]:
        """The days of a year that have a name or that the hospital has a word on, and what holds on each."""
        return tuple(in_force(self.country, self._words, year).values())

    def open_hours(self, day: date, span: Span | None) -> Span | None:
        """What is left of these hours on a local day: nothing where the hospital is closed, less on a half day."""
        return open_hours(self.country, self._words, day, span)

    @property
    def waking(self) -> Hours:
        """The hours in which people may be disturbed."""
        return self._waking

    def working_deadline(self, start: datetime, duration: timedelta) -> datetime:
        """The moment (UTC) at which `duration` of working time has passed since `start`."""
        return self._working.deadline(start, duration)

    def waking_deadline(self, start: datetime, duration: timedelta) -> datetime:
        """The moment (UTC) at which `duration` outside the quiet hours has passed since `start`."""
        return self._waking.deadline(start, duration)

    def next_waking(self, at: datetime) -> datetime:
        """`at` itself, or the end of the quiet hours that it falls in (UTC)."""
        return self._waking.deadline(at, timedelta(0))

    @property
    def _words(self) -> tuple[Word, ...]:
        closed = (Word(one.day, minutes(one.from_) if one.from_ else 0) for one in self.closed)
        return (*closed, *(Word(day, None) for day in self.open))

    @property
    def _working(self) -> Hours:
        return _working(self.timezone, self.country, self._words, tuple(self.working_hours.items()))

    @property
    def _waking(self) -> Hours:
        return _waking(self.timezone, self.quiet_hours and (self.quiet_hours.from_, self.quiet_hours.to))


# Cached by what they are made of: a changed copy of a hospital never keeps the old hours.
@lru_cache(maxsize=256)
def _working(timezone: str, country: str, words: tuple[Word, ...], week: tuple[tuple[Day, str], ...]) -> Hours:
    spans = {DAYS.index(day): opening(text) for day, text in week}
    return Hours(ZoneInfo(timezone), lambda day: open_hours(country, words, day, spans.get(day.weekday())))


@lru_cache(maxsize=256)
def _waking(timezone: str, quiet: tuple[str, str] | None) -> Hours:
    span = awake(*quiet) if quiet else Span(0, MIDNIGHT)
    return Hours(ZoneInfo(timezone), lambda day: span)
