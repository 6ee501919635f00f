"""`naast feed`: reports from files, whatever form they have. What cannot be taken is told with a reason and a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import show
from services.cli.command import BEGIN, command
from services.cli.desk import Desk
from services.cli.stop import REFUSED, SET_ASIDE, WRONG, Stop

if TYPE_CHECKING:
    from services.cli.client import Client

_TYPES = {".ndjson": "application/x-ndjson", ".jsonl": "application/x-ndjson"}
_LINES_AT_A_TIME = 100
_FEW = 5
Files = Annotated[
    list[Path], typer.Argument(exists=True, help="Files, or folders whose files are taken in the order of their names.")
]


@dataclass(frozen=True)
class Piece:
    """A part of a file that is sent at once. `before`: how many lines of the file come before it."""

    file: Path
    content: bytes
    content_type: str
    before: int = 0


@dataclass
class Summary:
    """What became of everything that was sent. `rejected`, `set_aside`: file, path inside it, reason. `waiting`:
    report, reasons.
    """

    taken: int = 0
    duplicates: int = 0
    offers: int = 0
    tasks: int = 0
    rejected: list[dict[str, str]] = field(default_factory=list)
    set_aside: list[dict[str, str]] = field(default_factory=list)
    waiting: dict[str, list[str]] = field(default_factory=dict)

    def add(self, piece: Piece, answer: dict[str, Any]) -> None:
        for name in ("taken", "duplicates", "offers", "tasks"):
            setattr(self, name, getattr(self, name) + answer.get(name, 0))
        for name in ("rejected", "set_aside"):
            for one in answer.get(name, ()):
                place = _place(one["path"], piece.before)
                getattr(self, name).append({"file": str(piece.file), "path": place, "reason": one["reason"]})
        # The last word on a report stands.
        self.waiting |= {one["report"]: one["reasons"] for one in answer.get("waiting", ())}


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "feed", "naast feed reports/2026-03.ndjson reports/fhir/", panel=BEGIN)(feed)


async def feed(desk: Desk, files: Files) -> None:
    """Take in reports: FHIR AdverseEvents or Bundles, CloudEvents, canonical reports; JSON, arrays or one per line.

    The good ones are taken even where others are rejected; then the exit code is 1. It is 4 where some were set aside.
    """
    found = list(_files(files))
    if not found:
        raise Stop("There is no file in there.", code=WRONG)
    summary = Summary()
    async with desk.client() as client:
        await _send_all(desk, client, found, summary)
    if desk.json:
        desk.give({"files": len(found), **vars(summary), "waiting": _waiting(summary)})
    else:
        _tell(desk, summary)
    if summary.set_aside or summary.rejected:
        raise typer.Exit(SET_ASIDE if summary.set_aside else REFUSED)


async def _send_all(desk: Desk, client: Client, files: list[Path], summary: Summary) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # On a terminal only: a log has no use for a bar.
    with Progress(*columns, console=desk.talk, transient=True, disable=not desk.talk.is_terminal) as progress:
        bar = progress.add_task(desk.words("feed.reading"), total=len(files))
        for file in files:
            progress.update(bar, description=file.name)
            for piece in _pieces(file):
                summary.add(piece, await _send(client, piece))
            progress.advance(bar)


async def _send(client: Client, piece: Piece) -> dict[str, Any]:
    """What became of one piece; a piece that is refused as a whole is a rejection like any other."""
    path = client.below("incidents")
    response = await client.send("POST", path, content=piece.content, headers={"Content-Type": piece.content_type})
    if response.status_code == 413:
        return {"rejected": [{"path": "", "reason": "too_large"}]}
    return client.told(response)


def _files(given: Iterable[Path]) -> Iterator[Path]:
    for path in given:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        else:
            yield path


def _pieces(file: Path) -> Iterator[Piece]:
    content, kind = file.read_bytes(), _TYPES.get(file.suffix.lower(), "application/json")
    if kind == "application/json":
        yield Piece(file, content, kind)
        return
    lines = content.split(b"\n")
    for start in range(0, len(lines), _LINES_AT_A_TIME):
        yield Piece(file, b"\n".join(lines[start : start + _LINES_AT_A_TIME]), kind, start)


def _place(path: str, before: int) -> str:
    """The path of a rejection in the whole file: in a file of lines it begins with the line."""
    line, dot, rest = path.partition(".")
    return f"{int(line) + before}{dot}{rest}" if before and line.isdigit() else path


def _waiting(summary: Summary) -> list[dict[str, Any]]:
    return [{"report": report, "reasons": list(reasons)} for report, reasons in summary.waiting.items()]


def _tell(desk: Desk, summary: Summary) -> None:
    words = desk.words
    counts = {name: getattr(summary, name) for name in ("taken", "duplicates", "offers", "tasks")}
    show.line(desk, words("feed.summary", **counts, rejected=len(summary.rejected)), "bold")
    few = len(summary.waiting) <= _FEW
    for report, reasons in summary.waiting.items() if few else ():
        show.line(desk, words("feed.waits", report=report, reasons=words.codes("reason", reasons)))
        desk.whole(f"  → naast report show {report}", "cyan")
    if not few:
        counted = Counter(reason for reasons in summary.waiting.values() for reason in reasons)
        show.line(desk, ", ".join(f"{words.code('reason', reason)}: {n}" for reason, n in counted.most_common()))
        desk.whole("  → naast tasks", "cyan")
    for places in filter(None, (summary.rejected, summary.set_aside)):
        show.line(desk)
        rows = [(one["file"], one["path"], words.code("reject", one["reason"])) for one in places]
        show.table(desk, ("file", "field", "reason"), rows, None, "")
    if summary.set_aside:
        desk.say(words("feed.set_aside", n=len(summary.set_aside)))
