"""One way to write a command: its own parameters, the options that all commands share, and honest endings.

Exit codes: 0 done, 1 something was refused or rejected, 2 wrong usage, 3 nothing answers, 4 something was set aside and
is not recorded. No stack traces.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from services.cli.desk import Desk
from services.cli.stop import AWAY, Stop

Hospital = Annotated[
    str | None,
    typer.Option("--hospital", "-H", envvar="NAAST_HOSPITAL", help="Which hospital; not needed where there is one."),
]
Key = Annotated[
    str | None,
    typer.Option("--key", envvar="NAAST_KEY", help="Your key; by default the one kept for this hospital."),
]
Lang = Annotated[
    Literal["nl", "en"] | None,
    typer.Option("--lang", envvar="NAAST_LANG", help="nl or en; by default the hospital's first language."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]

_SHARED: dict[str, tuple[Any, Any]] = {
    "hospital": (Hospital, None),
    "key": (Key, None),
    "lang": (Lang, None),
    "json": (Json, False),
}
#: The headings under which `naast --help` lists commands.
BEGIN, DAILY, OPERATE = "To begin", "Day to day", "To operate it"
EVERYTHING = ("hospital", "key", "lang", "json")
Work = Callable[..., Awaitable[None]]


def an_id(text: str) -> str:
    """An id as somebody typed it. Raises BadParameter for what can be none."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        raise typer.BadParameter("that is no id")
    return text


def alone_does(command: str) -> type[TyperGroup]:
    """A group that does this where nothing follows its name, or options of this command: `naast keys --json` lists."""

    class Group(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            its_options = command in self.commands and args[:1] and args[0].startswith("-")
            if not args or (its_options and args[0] not in self.get_help_option_names(ctx)):
                args = [command, *args]
            return super().parse_args(ctx, args)

    return Group


def group(title: str, alone: str = "list") -> typer.Typer:
    """A group of commands, such as `naast case …`. `alone`: the one that its name alone means."""
    epilog = f"Without a command: {alone}."
    return typer.Typer(help=title, epilog=epilog, cls=alone_does(alone), rich_markup_mode="rich", add_completion=False)


def command(
    app: typer.Typer,
    name: str,
    example: str,
    options: tuple[str, ...] = EVERYTHING,
    panel: str | None = None,
) -> Callable[[Work], Work]:
    """Makes `work(desk, …)` a command. `options`: the shared ones that it takes; `panel`: its heading in the help."""

    def register(work: Work) -> Work:
        def run(**given: Any) -> None:
            desk = Desk(**{option: given.pop(option) for option in options})
            _end_well(desk, lambda: work(desk, **given))

        own = list(inspect.signature(work, eval_str=True).parameters.values())[1:]
        shared = [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
            for option, (kind, default) in _SHARED.items()
            if option in options
        ]
        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + shared
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        run.__doc__ = work.__doc__
        app.command(name, epilog=f"Example: {example}", rich_help_panel=panel)(run)
        return work

    return register


def _end_well(desk: Desk, work: Callable[[], Awaitable[None]]) -> None:
    """Runs the work; whatever goes wrong is said in a sentence, with what to do, and an exit code."""
    import asyncio

    async def whole() -> None:
        await work()

    try:
        asyncio.run(whole())
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except Stop as stop:
        if desk.json and stop.document is not None:
            desk.give(stop.document)
        _tell(stop.says, stop.do)
        raise typer.Exit(stop.code) from None
    except Exception as error:
        if os.environ.get("NAAST_TRACE"):
            raise
        _tell(*_in_words(error))
        raise typer.Exit(AWAY) from None


def _in_words(error: Exception) -> tuple[str, str]:
    from services.house.parts import HouseError
    from shared.hospital import HospitalError
    from shared.migrate import NewerSchema

    if isinstance(error, HouseError | HospitalError | NewerSchema):
        return str(error), ""
    name = type(error).__name__
    if isinstance(error, OSError) or type(error).__module__.startswith("sqlalchemy"):
        return f"The database or a file cannot be reached ({name}).", "See what is wrong: naast doctor"
    return f"Something went wrong that was not foreseen ({name}).", "See where with NAAST_TRACE=1, and report it."


def _tell(says: str, do: str = "") -> None:
    if says:
        print(f"naast: {says}", file=sys.stderr)
    if do:
        print(f"       {do}", file=sys.stderr)
