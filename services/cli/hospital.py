"""`naast hospital`: the hospitals of this deployment, each a folder with its settings, its staff list and its feeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import REFUSED, WRONG, Desk, Stop

if TYPE_CHECKING:
    from services.cli.client import Client
    from shared.hospital import Hospital

LOCAL = ("lang", "json")
_STAFF = Annotated[
    Path | None, typer.Option("--staff", exists=True, dir_okay=False, help="A staff list to take over (CSV).")
]

app = group("The hospitals of this deployment.")


@command(app, "new", "naast hospital new st-lucas --staff staff.csv", LOCAL)
async def new(
    desk: Desk,
    id: Annotated[str, typer.Argument(help="A short name in small letters, such as st-lucas.")],
    name: Annotated[str | None, typer.Option("--name", help="Its full name.")] = None,
    staff: _STAFF = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take what is offered.")] = False,
) -> None:
    """Make a hospital: asks what must be settled, writes its folder, and shows the first key once."""
    from services.cli import credentials, keyring
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
        key = await access.make_key(id, "coordinator", keyring.ref_of(desk.settings, id, person))
    credentials.keep(desk.settings.home, id, key)
    imported = await _import(desk, id, staff) if staff else None
    _tell(desk, hospital, folder, key, imported)
    if imported and imported["errors"]:
        raise typer.Exit(REFUSED)


@command(app, "list", "naast hospital list", LOCAL)
async def listed(desk: Desk) -> None:
    """The hospitals there are."""
    words, found = desk.words, desk.hospitals
    rows = [
        (id, h.name, h.timezone, ", ".join(h.languages), words(f"hospital.{'practises' if h.practice else 'live'}"))
        for id, h in found.items()
    ]
    shown = {"id", "name", "timezone", "languages"}
    document = [
        h.model_dump(mode="json", include=shown) | {"practice": h.practice, "unanswered": list(h.unanswered)}
        for h in found.values()
    ]
    columns = ("hospital", "name", "time_zone", "languages", "practice")
    show.table(desk, columns, rows, {"hospitals": document}, words("hospital.none"))
    for problem in found.problems.values():
        desk.say(f"naast: {problem}")
    if found.problems:
        raise typer.Exit(REFUSED)


@command(app, "show", "naast hospital show st-lucas", LOCAL)
async def one(desk: Desk, id: Annotated[str | None, typer.Argument(help="Which; not needed for one.")] = None) -> None:
    """What a hospital has settled, and what is still open."""
    desk.asked_hospital = id
    hospital = desk.known_hospital()
    if desk.json:
        desk.give(hospital.model_dump(mode="json", by_alias=True) | {"unanswered": list(hospital.unanswered)})
        return
    words = desk.words
    show.line(desk, hospital.name, "bold")
    hours = "; ".join(f"{words.code('day', day)} {span}" for day, span in hospital.working_hours.items())
    quiet = hospital.quiet_hours
    show.pairs(
        desk,
        (
            ("hospital", hospital.id),
            ("folder", str(desk.settings.hospitals / hospital.id)),
            ("time_zone", hospital.timezone),
            ("country", hospital.country),
            ("languages", ", ".join(hospital.languages)),
            ("working_hours", hours),
            ("quiet_hours", f"{quiet.from_}-{quiet.to}" if quiet else ""),
            ("coordinators", ", ".join(hospital.coordinators)),
            ("deputies", ", ".join(hospital.deputies)),
            ("professions", ", ".join(hospital.professions)),
            ("departments", ", ".join(hospital.departments)),
            ("own_rules", ", ".join(f"{rule} = {value}" for rule, value in hospital.rules.items())),
        ),
    )
    for name in type(hospital.answers).model_fields:
        given = getattr(hospital.answers, name)
        show.line(desk, f"{'✓' if given else '·'} {words(f'question.{name}')} {given or words('hospital.open')}")
    if hospital.practice:
        desk.say(words("hospital.practice_means"))


@command(app, "import-staff", "naast hospital import-staff staff.csv --dry-run")
async def import_staff(
    desk: Desk,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The staff list (CSV, UTF-8).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at every row and change nothing.")] = False,
) -> None:
    """Take over a staff list; rows that cannot be used are told one by one, the others are taken."""
    async with desk.client() as client:
        found = await send_staff(client, file, dry_run)
    print_import(desk, found)
    if found["errors"]:
        raise typer.Exit(REFUSED)


async def send_staff(client: Client, file: Path, dry_run: bool = False) -> Any:
    """Gives a staff list to intake. Returns what became of it."""
    path = f"/v1/hospitals/{client.desk.hospital_id}/staff"
    params, headers = {"dry_run": str(dry_run).lower()}, {"Content-Type": "text/csv"}
    return await client.call("POST", path, params=params, headers=headers, content=_content(file))


def _content(file: Path) -> bytes:
    return file.read_bytes()


def print_import(desk: Desk, found: dict[str, Any]) -> None:
    """What became of a staff list."""
    words, errors = desk.words, found["errors"]
    if desk.json or errors:
        rows = [(e["line"], e["column"], words.code("row", e["reason"])) for e in errors]
        show.table(desk, ("line", "field", "reason"), rows, found, "")
    counts = {name: found[name] for name in ("rows", "new", "changed", "same", "left", "supporters")}
    desk.say(words("staff.dry" if found["dry_run"] else "staff.taken", **counts))
    if errors:
        desk.say(words("staff.errors", n=len(errors)))


def _answered(desk: Desk, id: str, name: str | None, staff: Path | None, yes: bool) -> Hospital:
    """The settings of a new hospital, asked one by one; an answer that cannot be used is asked for again."""
    from pydantic import ValidationError

    from services.cli.questions import questions
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


def _ask(desk: Desk, draft: dict[str, Any], question: Any) -> Hospital:
    from pydantic import ValidationError

    from shared.hospital import Hospital

    while True:
        try:
            text = typer.prompt(desk.words(f"ask.{question.setting}"), default=question.offered, err=True)
            _put(draft, question.setting, question.read(text))
            return Hospital.model_validate(draft)
        except ValidationError as error:
            desk.say(f"  {_advice(error)}")
        except ValueError as error:
            desk.say(f"  {error}")
        except typer.Abort:
            raise Stop("Nothing was made.", "Without a terminal: --yes takes what is offered.", WRONG) from None


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
    from services.intake.staff_csv import COLUMNS

    if staff is None:
        path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    elif staff.resolve() != path.resolve():
        path.write_bytes(staff.read_bytes())


async def _import(desk: Desk, id: str, staff: Path) -> Any:
    desk.asked_hospital = id
    async with desk.client() as client:
        return await send_staff(client, staff)


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
        print_import(desk, imported)
    desk.say(words("hospital.key"))
    show.line(desk, key)
    if hospital.practice:
        desk.say(words("hospital.practice_now"))
        for name in hospital.unanswered:
            desk.say(f"  · {words(f'question.{name}')}")
    desk.say(words("hospital.next_staff" if imported is None else "hospital.next_feed"))
