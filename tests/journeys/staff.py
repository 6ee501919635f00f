"""A small hospital: a dozen people with names, and its folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

#: A programme that has settled everything; without it no notice leaves.
SETTLED = dict.fromkeys(("confidentiality", "sharing", "handover", "position"), "yes, agreed on 2026-01-05")


@dataclass(frozen=True)
class Person:
    """One row of the staff list, without the columns that are the same for everybody."""

    staff_id: str
    name: str
    function: str
    profession: str
    department: str
    languages: str = "nl"
    manager: str = ""
    supporter: str = "no"
    trained_on: str = ""
    intervisie_on: str = ""

    @property
    def mail(self) -> str:
        return f"{self.name.split()[0].lower()}@example.org"

    @property
    def phone(self) -> str:
        return f"+31 6 5550 0{int(self.staff_id):03}"

    def row(self) -> dict[str, str]:
        same = {"site": "", "mail": self.mail, "phone": self.phone, "channel": "mail", "active": "yes"}
        return {field.name: getattr(self, field.name) for field in fields(self)} | same


def _supporter(person: Person, intervisie_on: str = "2025-11-20") -> Person:
    return replace(person, supporter="yes", trained_on="2025-06-02", intervisie_on=intervisie_on)


EVA = Person("101", "Eva Smit", "coordinator peer support", "doctor", "internal")
DIRK = Person("102", "Dirk Vos", "coordinator peer support", "doctor", "internal")
MIA = Person("103", "Mia Bakker", "team leader", "nurse", "icu")
ANNA = Person("104", "Anna Visser", "ICU nurse", "nurse", "icu", manager="103")
BRAM = _supporter(Person("105", "Bram Mulder", "surgical nurse", "nurse", "surgery", languages="en|nl"))
CARLA = _supporter(Person("106", "Carla Jansen", "emergency nurse", "nurse", "emergency"))
DAAN = _supporter(Person("107", "Daan Peters", "ICU nurse", "nurse", "icu"))
ELS = _supporter(Person("108", "Els Dekker", "surgeon", "doctor", "surgery"))
FINN = Person("109", "Finn Brouwer", "surgical nurse", "nurse", "surgery", languages="en")
GERDA = Person("110", "Gerda Maas", "trainer", "nurse", "internal")
HUGO = _supporter(Person("111", "Hugo Kok", "emergency nurse", "nurse", "emergency"), intervisie_on="2024-12-01")
IRIS = Person("112", "Iris Blom", "emergency nurse", "nurse", "emergency")

EVERYBODY = (EVA, DIRK, MIA, ANNA, BRAM, CARLA, DAAN, ELS, FINN, GERDA, HUGO, IRIS)


def write_hospital(
    root: Path, id: str = "example", staff: Iterable[Person] = EVERYBODY, answers: dict[str, str] = SETTLED
) -> None:
    """Makes the folder of a hospital: its settings and its staff list."""
    folder = root / id
    folder.mkdir(parents=True)
    settled = "\n".join(f'{question} = "{answer}"' for question, answer in answers.items())
    (folder / "hospital.toml").write_text(_SETTINGS.format(id=id, settled=settled))
    with (folder / "staff.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [person.row() for person in staff]
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


_SETTINGS = """
id = "{id}"
name = "Ziekenhuis {id}"
timezone = "Europe/Amsterdam"
country = "NL"
languages = ["nl", "en"]
coordinators = ["101"]
deputies = ["102"]

[working_hours]
monday = "08:00-17:00"
tuesday = "08:00-17:00"
wednesday = "08:00-17:00"
thursday = "08:00-17:00"
friday = "08:00-17:00"

[quiet_hours]
from = "22:00"
to = "07:00"

[professions]
nurse = {{nl = "verpleegkundige", en = "nurse"}}
doctor = {{nl = "arts", en = "doctor"}}

[departments]
icu = {{nl = "intensive care", en = "intensive care", codes = ["U-ICU"], doors = ["self", "colleague", "manager"]}}
surgery = {{nl = "chirurgie", en = "surgery"}}
emergency = {{nl = "spoedeisende hulp", en = "emergency department"}}
internal = {{nl = "interne geneeskunde", en = "internal medicine"}}

[answers]
{settled}
"""
