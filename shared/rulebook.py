"""Rules that people can read and the checks that keep them: sentences in TOML, predicates in Python. Knows no rule.

RULES = Rulebook.of("services.matching.protocol")

@RULES.check("MATCH-5")
def has_room(candidate: Candidate, limit: int) -> bool: ...

RULES.at(now, hospital).broken(candidate)     # -> ("MATCH-2", "MATCH-5")
"""

from __future__ import annotations

import inspect
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, NamedTuple, Protocol, TypeVar, get_type_hints

from shared.mistake import Mistake
from shared.rule import Duration, Lang, Rule, RulebookError, Wanted, Words

__all__ = ["Check", "InForce", "Rulebook", "RulebookError", "check_overrides"]

F = TypeVar("F", bound=Callable[..., bool])


class HasRules(Protocol):
    """A hospital, as far as rules go: its time zone, and its own values by id."""

    @property
    def tz(self) -> tzinfo: ...

    @property
    def rules(self) -> Mapping[str, Wanted]: ...


class Check(NamedTuple):
    """Tells whether facts of this class obey a rule. `holds` takes the facts, and the limit where the rule has one."""

    facts: type
    holds: Callable[..., bool]


class InForce:
    """The rules of one service as they hold for one hospital on one day. Raises RulebookError for what a rule lacks."""

    def __init__(self, book: Rulebook, limits: Mapping[str, int | Duration], chosen: Mapping[str, str]) -> None:
        self._book, self._limits, self._chosen = book, limits, chosen
        self._plans: dict[type, dict[str, Callable[[Any], bool]]] = {}

    def limit(self, id: str) -> int | timedelta:
        """The number or the duration of a rule."""
        value = self._limits.get(id)
        if value is None:
            raise RulebookError(f"{self._book.rule(id).id} has no limit")
        return value.span if isinstance(value, Duration) else value

    def number(self, id: str) -> int:
        """The limit of a rule that counts."""
        value = self.limit(id)
        if isinstance(value, timedelta):
            raise RulebookError(f"{id} has a duration, not a number")
        return value

    def duration(self, id: str) -> timedelta:
        """The limit of a rule that lasts."""
        value = self.limit(id)
        if isinstance(value, int):
            raise RulebookError(f"{id} has a number, not a duration")
        return value

    def option(self, id: str) -> str:
        """The option of a policy: the hospital's choice or the default."""
        if id not in self._chosen:
            raise RulebookError(f"{self._book.rule(id).id} has no options")
        return self._chosen[id]

    def may(self, id: str, role: str, own: bool = True) -> bool:
        """Whether this role may do what the rule reserves. `own`: it concerns that person's own case or ask."""
        only = self._book.rule(id).only
        if not only:
            raise RulebookError(f"{id} reserves nothing to a role")
        return " " not in role and (role in only or (own and f"own {role}" in only))

    def broken(self, facts: object, ids: Collection[str] | None = None) -> tuple[str, ...]:
        """The ids of the rules that these facts break, in the order of the rulebook; of `ids` only, where given."""
        plan = self._plans.get(type(facts)) or self._plan(type(facts))
        if ids is None:
            return tuple([id for id, holds in plan.items() if not holds(facts)])
        if not plan.keys() >= set(ids):
            raise RulebookError(f"a {type(facts).__name__} is judged by {', '.join(plan)}")
        return tuple([id for id, holds in plan.items() if id in ids and not holds(facts)])

    def sentence(self, id: str, lang: Lang) -> str:
        """What the rule says now, with its limit; of a policy, what the option in force says."""
        rule = self._book.rule(id)
        text = (rule.options[self._chosen[id]] if rule.options else rule).in_language(lang)
        return text.format(limit=Words(self._limits[id], lang)) if rule.limit else text

    def _plan(self, facts: type) -> dict[str, Callable[[Any], bool]]:
        plan = {id: self._bound(id, check.holds) for id, check in self._book.checks.items() if check.facts is facts}
        if not plan:
            raise RulebookError(f"no rule of {self._book.name} judges a {facts.__name__}")
        return self._plans.setdefault(facts, plan)

    def _bound(self, id: str, holds: Callable[..., bool]) -> Callable[[Any], bool]:
        if id not in self._limits:
            return holds
        limit = self.limit(id)
        return lambda facts: holds(facts, limit)


class Rulebook:
    """The rules of one service, in the order in which they are written, with the checks that were given for them."""

    def __init__(self, name: str, text: str) -> None:
        """`text` is the content of a rules.toml. Raises RulebookError where a rule is not one."""
        self.name = name
        self._by_id = {id: _read(id, fields) for id, fields in tomllib.loads(text).items()}
        self._prefixes = {_prefix(id) for id in self._by_id}
        self._checks: dict[str, Check] = {}
        self._starts = sorted({line.start for rule in self.rules for line in rule.limit})
        self._in_force: dict[tuple[date, tuple[tuple[str, Wanted], ...]], InForce] = {}

    @classmethod
    def of(cls, package: str) -> Rulebook:
        """The rulebook in the `rules.toml` of a package such as "services.matching.protocol"."""
        return cls(package, files(package).joinpath("rules.toml").read_text("utf-8"))

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(self._by_id.values())

    @property
    def checks(self) -> Mapping[str, Check]:
        """id -> check, in the order of the rules."""
        return {id: self._checks[id] for id in self._by_id if id in self._checks}

    def rule(self, id: str) -> Rule:
        """One rule. Raises RulebookError."""
        if id not in self._by_id:
            raise RulebookError(f"{self.name} has no such rule; it has {', '.join(self._by_id)}")
        return self._by_id[id]

    def check(self, id: str) -> Callable[[F], F]:
        """Makes a function the check of a rule: facts -> bool, or facts and limit -> bool where the rule has one."""
        rule = self.rule(id)

        def remember(holds: F) -> F:
            names = list(inspect.signature(holds).parameters)
            if rule.kind != "check" or id in self._checks or len(names) != (2 if rule.limit else 1):
                raise RulebookError(
                    f"{id} is of kind {rule.kind}; a check has one function, of the facts and the limit, if any"
                )
            self._checks[id] = Check(get_type_hints(holds)[names[0]], holds)
            return holds

        return remember

    def on(self, day: date, overrides: Mapping[str, Wanted] | None = None) -> InForce:
        """The rules as they hold on a day, with a hospital's own values; ids of other rulebooks are left alone.

        Raises RulebookError for a day before the first dated line, and for an override that does not exist or fit.
        """
        mine = tuple(sorted(item for item in (overrides or {}).items() if _prefix(item[0]) in self._prefixes))
        latest = bisect_right(self._starts, day) - 1
        key = (self._starts[latest] if latest >= 0 else date.min, mine)
        if key not in self._in_force:
            self._in_force[key] = self._enforce(day, dict(mine))
        return self._in_force[key]

    def at(self, moment: datetime, hospital: HasRules) -> InForce:
        """The rules as they hold for a hospital at a moment, by its own calendar. Raises as `on` does."""
        return self.on(moment.astimezone(hospital.tz).date(), hospital.rules)

    def _enforce(self, day: date, overrides: Mapping[str, Wanted]) -> InForce:
        wanted = {id: self.rule(id).accept(value) for id, value in overrides.items()}
        standard = {rule.id: rule.limit_on(day) if rule.limit else rule.default for rule in self.rules}
        values = standard | wanted
        limits = {id: value for id, value in values.items() if isinstance(value, (int, Duration))}
        return InForce(self, limits, {id: value for id, value in values.items() if isinstance(value, str)})


def check_overrides(books: Iterable[Rulebook], overrides: Mapping[str, Wanted]) -> tuple[Mistake, ...]:
    """What of a hospital's own values fits no rule of these books, each with what does."""
    known = {rule.id: rule for book in books for rule in book.rules}
    found = (_mistake(known, id, value) for id, value in overrides.items())
    return tuple(mistake for mistake in found if mistake is not None)


def _mistake(known: Mapping[str, Rule], id: str, value: Wanted) -> Mistake | None:
    if id not in known:
        return _no_rule(id, known)
    try:
        known[id].accept(value)
    except RulebookError:
        return Mistake(f"rules.{id}", f"neemt {known[id].takes('nl')}", f"takes {known[id].takes('en')}")
    return None


def _no_rule(id: str, known: Iterable[str]) -> Mistake:
    meant = next(iter(get_close_matches(id.upper(), known, n=1)), None)
    nl = f"is geen regel; is {meant} bedoeld?" if meant else "is geen regel;"
    en = f"is no rule; is {meant} meant?" if meant else "is no rule;"
    return Mistake(f"rules.{id}", f"{nl} `naast rules` toont ze alle", f"{en} `naast rules` shows them all")


def _prefix(id: str) -> str:
    return id.partition("-")[0]


def _read(id: str, fields: Mapping[str, Any]) -> Rule:
    try:
        return Rule.model_validate({**fields, "id": id})
    except ValueError as wrong:
        raise RulebookError(f"{id}: {wrong}") from wrong
