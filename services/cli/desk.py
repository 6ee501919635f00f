"""What a command works at: the options it was given, the settings, the words of its language, and a way to say things.

Results go to standard output; talk and progress go to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from services.cli.stop import WRONG, Stop

if TYPE_CHECKING:
    from datetime import tzinfo

    from rich.console import Console

    from services.cli.client import Client
    from services.cli.words import Words
    from shared.hospital import Hospital, Hospitals
    from shared.settings import Settings


class Desk:
    """The options of one command, and what follows from them when it is asked for."""

    def __init__(
        self, hospital: str | None = None, key: str | None = None, lang: str | None = None, json: bool = False
    ) -> None:
        self.asked_hospital = hospital
        self.key = key
        self.asked_lang = lang
        self.json = json

    @cached_property
    def settings(self) -> Settings:
        from pydantic import ValidationError

        from shared.settings import Settings

        try:
            return Settings()
        except ValidationError as error:
            names = ", ".join(f"NAAST_{'_'.join(map(str, e['loc'])).upper()}" for e in error.errors())
            raise Stop(f"These settings cannot be used: {names}.", code=WRONG) from None

    @cached_property
    def hospitals(self) -> Hospitals:
        from services.house.books import mistakes
        from shared.hospital import Hospitals

        return Hospitals(self.settings.hospitals, mistakes)

    @cached_property
    def hospital_id(self) -> str:
        """The hospital that was named, or the only one there is."""
        from services.cli import credentials

        if self.asked_hospital:
            return self.asked_hospital
        # One whose settings are not in force is no less meant.
        found: list[str] = sorted({*self.hospitals, *self.hospitals.problems})
        found = found or list(credentials.kept(self.settings.home, self.place))
        if len(found) == 1:
            return found[0]
        if not found:
            raise Stop("There is no hospital yet.", "Make one: naast hospital new <id>", WRONG)
        raise Stop(f"There are {len(found)} hospitals: {', '.join(found)}.", "Say which one: --hospital <id>", WRONG)

    @cached_property
    def place(self) -> str:
        """Where commands go, as kept keys know it: the house of this machine, however it is called, is here."""
        from services.cli.client import here
        from services.cli.credentials import HERE

        url = (self.settings.url or "").rstrip("/")
        return HERE if url == here(self.settings.home) else url

    @property
    def hospital(self) -> Hospital | None:
        """The settings of the hospital where its folder is at hand."""
        return self.hospitals.get(self.hospital_id)

    def known_hospital(self) -> Hospital:
        """The settings of the hospital, which must be at hand."""
        found = self.hospital
        if found is None:
            problem = self.hospitals.problems.get(self.hospital_id)
            raise Stop(
                str(problem or f"There is no folder of hospital {self.hospital_id} in {self.settings.hospitals}."),
                "" if problem else "See which there are: naast hospital list",
                WRONG,
            )
        return found

    @cached_property
    def words(self) -> Words:
        from services.cli.words import Words

        return Words(self.asked_lang or self._first_language())

    def _first_language(self) -> str:
        try:
            found = self.hospital
        except Stop:
            return "en"
        spoken = found.languages if found else ("en",)
        return _ours(spoken)

    @cached_property
    def zone(self) -> tzinfo | None:
        """Hospital time; None (the time of this machine) where nobody can tell."""
        found = self.hospital
        return found.tz if found else None

    def _learn(self, me: dict[str, Any]) -> None:
        """Takes over what the services say about the holder of the key."""
        from zoneinfo import ZoneInfo

        from services.cli.words import Words

        if not self.asked_hospital:
            self.hospital_id = me["hospital"]
        if me["timezone"]:
            self.zone = ZoneInfo(me["timezone"])
            self.words = Words(self.asked_lang or _ours(me["languages"]))

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A way to the services: the deployment that runs, or the house of this machine, opened for this command."""
        from services.cli.client import connect

        async with connect(self.settings, self._own_key(), self._say_what_waits) as client:
            self._learn(client.me)
            client.hospital, client.words, client.zone = self.hospital_id, self.words, self.zone
            yield client

    def _say_what_waits(self, clocks: int) -> None:
        if clocks:
            self.say(self.words("talk.clocks_wait", n=clocks))

    def _own_key(self) -> str:
        """The key that was given, or the one that is kept for the hospital."""
        from services.cli import credentials

        if self.key:
            return self.key
        if self.settings.key is not None:
            return self.settings.key.get_secret_value()
        found = credentials.kept(self.settings.home, self.place).get(self.hospital_id)
        if found is None:
            raise Stop(
                f"No key of {self.hospital_id} is kept here for {self.place or 'the house of this machine'}.",
                "Give one with --key or NAAST_KEY, or make one: "
                f"naast keys create --hospital {self.hospital_id} --role coordinator --keep",
            )
        return found

    def label(self, kind: str, code: str) -> str:
        """The hospital's own name for one of its codes; `kind` is professions or departments."""
        found = self.hospital
        known = getattr(found, kind).get(code) if found else None
        names = getattr(known, "names", known) or {}
        return str(names.get(self.words.lang) or code)

    # -- saying things ------------------------------------------------------------------------------------------

    @cached_property
    def out(self) -> Console:
        """Where results go."""
        return _console(sys.stdout)

    @cached_property
    def talk(self) -> Console:
        """Where everything else goes."""
        return _console(sys.stderr)

    def put(self, part: Any, width: int | None = None) -> None:
        """Prints a part of the result; in a file or a pipe without spaces at the ends of lines."""
        if self.out.is_terminal:
            self.out.print(part, width=width, markup=False)
            return
        with self.out.capture() as captured:
            self.out.print(part, width=width, markup=False)
        for line in captured.get().splitlines():
            sys.stdout.write(line.rstrip() + "\n")

    def whole(self, text: str, style: str = "") -> None:
        """Prints one line of the result that must not be broken, such as a command to copy."""
        self.out.print(text, style=style, markup=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """One line of talk."""
        self.talk.print(text, markup=False, highlight=False, soft_wrap=True)

    def give(self, document: Any) -> None:
        """The one JSON document of a command."""
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def _ours(languages: Iterable[str]) -> str:
    return next((lang for lang in languages if lang in ("nl", "en")), "en")


def _console(file: Any) -> Console:
    from rich.console import Console

    # What does not go to a terminal is meant to be read or searched, so it is not squeezed into 80 columns.
    width = None if file.isatty() or "COLUMNS" in os.environ else 120
    return Console(file=file, width=width, highlight=False)
