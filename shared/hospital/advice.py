"""What is wrong in a hospital's file, field by field, in words for whoever writes it; never what it holds."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.mistake import Mistake

#: By what is wrong: (nl, en).
_SAYS = {
    "missing": ("ontbreekt; voeg het toe", "is missing; add it"),
    "extra_forbidden": (
        "is geen instelling; haal het weg of verbeter de naam",
        "is not a setting; remove it or correct its name",
    ),
    "string_pattern_mismatch": (
        "heeft een vorm die niet kan; gebruik gewone letters, cijfers, punt, streepje of liggend streepje",
        "has a form that is not allowed; use plain letters, digits, dot, dash or underscore",
    ),
    "too_short": ("is leeg; geef er ten minste een", "is empty; give at least one"),
    "string_too_short": ("is leeg; vul het in", "is empty; fill it in"),
    "literal_error": (
        "is geen van de bekende woorden; schrijf bijvoorbeeld monday",
        "is not one of the known words; write for example monday",
    ),
    "tuple_type": ("moet een lijst tussen [ en ] zijn", "must be a list between [ and ]"),
    "string_type": ("moet tekst tussen aanhalingstekens zijn", "must be text between quotes"),
}
#: Of what is said in English alone: what to do in Dutch, by the setting.
_DO = {
    "timezone": 'schrijf een tijdzone uit de IANA-lijst, bijvoorbeeld "Europe/Amsterdam"',
    "country": 'schrijf een landcode zoals "NL", of met een deel van het land, zoals "DE-BY"',
    "working_hours": 'schrijf openingstijden als "08:00-17:00", het einde na het begin',
    "closed": 'schrijf een dag als 2026-12-24, of {day = 2026-12-24, from = "13:00"}, of met de naam van een feestdag',
    "open": "schrijf een dag als 2026-12-24, of de naam van een feestdag tussen aanhalingstekens",
    "quiet_hours": 'schrijf tijden als "22:00"; de stille uren duren niet de hele dag',
    "away": "schrijf dagen als 2026-07-01, de laatste niet voor de eerste",
}
_OTHERWISE = "klopt niet; `naast hospital check --lang en` zegt wat er moet staan"


def mistakes(error: ValidationError) -> tuple[Mistake, ...]:
    """What pydantic found. What it tries in vain for one rule's value is one mistake."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(dict.fromkeys(map(_mistake, found)))


def _mistake(one: ErrorDetails) -> Mistake:
    place = [str(part) for part in one["loc"]]
    if len(place) == 3 and place[0] == "rules" and place[2] != "[key]":
        return Mistake(
            ".".join(place[:2]),
            "moet een getal, een duur of een keuze zijn",
            "must be a number, a duration or an option",
        )
    message = one["msg"].removeprefix("Value error, ")
    nl, en = _SAYS.get(one["type"], (_DO.get(place[0] if place else "", _OTHERWISE), message))
    return Mistake(".".join(part for part in place if part != "[key]") or "the whole file", nl, en)
