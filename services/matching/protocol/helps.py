"""What would help where nobody can be asked, from how many supporters one rule alone stands in the way of. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from services.matching.protocol.rules import RULES
from shared.hospital import Hospital
from shared.rule import Lang, Words

_TEXTS: dict[str, dict[str, str]] = tomllib.loads(files(__package__).joinpath("helps.toml").read_text("utf-8"))
#: What helps against a rule that supporters can come to obey.
_REMEDIES = {"MATCH-3": "finish", "MATCH-4": "attend"}
_LANGUAGES: tuple[Lang, ...] = ("nl", "en")


def helps(
    nearly: Mapping[str, int], profession: str, department: str, hospital: Hospital, needed: int = 1
) -> list[dict[str, str]]:
    """Sentences (nl, en), what obeys the rules first. needed: for how many colleagues nobody is left."""
    remedies = [_said(_REMEDIES[id], min(n, needed), hospital) for id, n in nearly.items() if id in _REMEDIES]
    more = _said("qualify" if department else "qualify_any", needed, hospital, profession, department)
    overrulable = [id for id in nearly if "coordinator" in RULES.rule(id).overruled_by]
    overruled = [_said("overrule", nearly[id], hospital, rule=id) for id in overrulable]
    return [*remedies, *([more] if profession else []), *overruled]


def _said(
    key: str, n: int, hospital: Hospital, profession: str = "", department: str = "", rule: str = ""
) -> dict[str, str]:
    said: dict[str, str] = {}
    for lang in _LANGUAGES:
        where = hospital.departments[department].names if department in hospital.departments else {}
        names = {
            "profession": hospital.professions.get(profession, {}).get(lang, profession),
            "department": where.get(lang, department),
        }
        said[lang] = _TEXTS[key][lang].format(n=Words(n, lang), rule=rule, **names)
    return said
