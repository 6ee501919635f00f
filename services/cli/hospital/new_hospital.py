"""`naast hospital new`: asks what must be settled, writes the folder, and shows the first key once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import show
from services.cli.desk import Desk
from services.cli.hospital.staff_list import ending, send, tell
from services.cli.stop import WRONG, Stop

if TYPE_CHECKING:
    from services.cli.hospital.questions import Question
    from shared.hospital import Hospital

_STAFF = Annotated[
    Path | None, typer.Option("--staff", exists=True, dir_okay=False, help="A staff list to take over (CSV).")
]


async def new(
    desk: Desk,
    id: Annotated[str, typer.Argument(help="A short name in small letters, such as st-lucas.")],
    name: Annotated[str | None, typer.Option("--name", help="Its full name.")] = None,
    staff: _STAFF = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take what is offered.")] = False,
) -> None:
    """Make a hospital: asks what must be settled, writes its folder, and shows the first key once."""
    from services.cli import credentials
    from services.cli.ops import keyring
    from shared.hospital import write

    folder = desk.settings.hospitals / id
    if (folder / "hospital.toml").exists():
        raise Stop(f"{folder} is there already.", f"See it: naast hospital show {id}", WRONG)
    hospital = _answered(desk, id, name, staff, yes)
    write(folder, hospital)
    (folder / "feeds").mkdir(exist_ok=True)
    _write_staff(folder / "staff.csv", staff)
    person = hospital.coordinators[0] if hospital.coordinators else ""
    async with keyring.opened(desk.settings) as access:
        key = await access.make_key(id, "coordinator", await keyring.ref_of(desk.settings, id, person))
    credentials.keep(desk.settings.home, id, key, keyring.place_of(desk.settings))
    imported = await _import(desk, id, staff) if staff else None
    _tell(desk, hospital, folder, key, imported)
    if imported and ending(imported):
        raise typer.Exit(ending(imported))


def _answered(desk: Desk, id: str, name: str | None, staff: Path | None, yes: bool) -> Hospital:
    """The settings of a new hospital, asked one by one; an answer that cannot be used is asked for again."""
    from pydantic import ValidationError

    from services.cli.hospital.questions import questions
    from shared.hospital import Hospital

    text = staff.read_text("utf-8-sig", errors="replace") if staff else None
    draft: dict[str, Any] = {"id": id, "answers": {}}
    asked = questions(desk.words, id, text)
    for question in asked:
        _put(draft, question.setting, question.read(question.offered))
    if name:
        draft["name"] = name
    try:
        hospital = Hospital.model_validate(draft)
    except ValidationError as error:
        raise Stop(f"That cannot be used: {_advice(error)}.", "A hospital's id is like st-lucas.", WRONG) from None
    for question in [] if yes else asked:
        if not (question.setting == "name" and name):
            hospital = _ask(desk, draft, question)
    return hospital


def _ask(desk: Desk, draft: dict[str, Any], question: Question) -> Hospital:
    from pydantic import ValidationError

    from shared.hospital import Hospital

    while True:
        try:
            text = _typed(desk.words(f"ask.{question.setting}"), question.offered)
            _put(draft, question.setting, question.read(text))
            return Hospital.model_validate(draft)
        except ValidationError as error:
            desk.say(f"  {_advice(error)}")
        except ValueError as error:
            desk.say(f"  {error}")


def _typed(asked: str, offered: str) -> str:
    """What somebody types, or what was offered. The question goes to standard error, as all talk does."""
    sys.stderr.write(f"{asked} [{offered}]: ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stderr.write("\n")
        raise Stop("Nothing was made.", "Without a terminal: --yes takes what is offered.", WRONG)
    return line.strip() or offered


def _put(draft: dict[str, Any], setting: str, value: Any) -> None:
    part, _, name = setting.partition(".")
    if name:
        draft[part][name] = value
    else:
        draft[part] = value


def _advice(error: Any) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}" for e in found)


def _write_staff(path: Path, staff: Path | None) -> None:
    from services.intake.doors.staff_csv import COLUMNS

    if staff is None:
        path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    elif staff.resolve() != path.resolve():
        path.write_bytes(staff.read_bytes())


async def _import(desk: Desk, id: str, staff: Path) -> Any:
    desk.asked_hospital = id
    async with desk.client() as client:
        return await send(client, staff)


def _tell(desk: Desk, hospital: Hospital, folder: Path, key: str, imported: dict[str, Any] | None) -> None:
    if desk.json:
        desk.give(
            {
                "hospital": hospital.id,
                "folder": str(folder),
                "key": key,
                "practice": hospital.practice,
                "unanswered": list(hospital.unanswered),
                "staff": imported,
            }
        )
        return
    words = desk.words
    desk.say(words("hospital.made", name=hospital.name, folder=folder))
    if imported is not None:
        tell(desk, imported)
    desk.say(words("hospital.key"))
    show.line(desk, key)
    if hospital.practice:
        desk.say(words("hospital.practice_now"))
        for name in hospital.unanswered:
            desk.say(f"  · {words(f'question.{name}')}")
    desk.say(words("hospital.next_staff" if imported is None else "hospital.next_feed"))
