"""Days and moments that somebody can mean. What is further off is a mistake in writing, and calendars, time
zones and databases do not reckon with it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime

#: Of people who live and of what happens to them.
YEARS = range(1900, 2200)
Dated = TypeVar("Dated", bound=date)


def in_our_time(when: Dated) -> Dated:
    """The same day or moment. Raises ValueError for one that nobody means."""
    if when.year not in YEARS:
        raise ValueError(f"not between {YEARS[0]} and {YEARS[-1]}")
    return when


#: A moment and a day in a body.
Moment = Annotated[AwareDatetime, AfterValidator(in_our_time)]
Day = Annotated[date, AfterValidator(in_our_time)]
