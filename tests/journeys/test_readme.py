"""The README is followed to the letter: every command of it, in its order, on an empty machine."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.journeys import incidents
from tests.journeys.lines import ROOT, in_blocks, in_prose
from tests.journeys.staff import ANNA, BRAM, EVA, MIA
from tests.journeys.terminal import Terminal
from tests.journeys.test_cli_up import up
from tests.servers.host import free_ports

README = (ROOT / "README.md").read_text("utf-8")
LINES = in_blocks(README)
#: They take a minute, the whole suite or a broker: what they call understands them (test_dev.py), and CI runs them.
ELSEWHERE = {"./dev demo", "./dev test", "./dev naast run intake"}
#: The steps of the supporter; every other one is the coordinator's.
HERS = ("case accept", "case card", "case conversation")


@dataclass
class Reader:
    """Somebody who types what the README says; c-… is the case that she opened."""

    terminal: Terminal
    case: str = ""
    keys: dict[str, str] = field(default_factory=dict)

    def types(self, line: str) -> None:
        if line == "./dev up":
            [port] = free_ports(1)
            with up(self.terminal, port):
                return
        line = line.removeprefix("./dev naast ").replace("c-…", self.case)
        if line.startswith(HERS):
            line += f" --key {self._key()}"
        told = self.terminal.ok(line)
        if line.startswith("case open"):
            [self.case] = re.findall(r"c-\w+", told.talk)

    def _key(self) -> str:
        """The supporter's, made as the README says."""
        [line] = [line for line in in_prose(README) if line.startswith("naast keys create")]
        if line not in self.keys:
            self.keys[line] = self.terminal.ok(line.removeprefix("naast ")).out.strip()
        return self.keys[line]


@pytest.fixture
def files(tmp_path: Path) -> None:
    """What the reader brings: a staff list in which one supporter fits, and a file of reports."""
    recently = (date.today() - timedelta(days=30)).isoformat()  # noqa: DTZ011
    staff = [replace(EVA, profession="physician"), MIA, ANNA, replace(BRAM, intervisie_on=recently)]
    with (tmp_path / "staff.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(EVA.row()))
        writer.writeheader()
        writer.writerows(one.row() for one in staff)
    (tmp_path / "reports.ndjson").write_text(json.dumps(incidents.FHIR_R4), encoding="utf-8")


@pytest.mark.usefixtures("files")
def test_whoever_follows_the_readme_comes_from_an_empty_machine_to_a_closed_case(terminal: Terminal) -> None:
    reader = Reader(terminal)
    for line in LINES:
        if line not in ELSEWHERE:
            reader.types(line)
    [case] = terminal.json("cases")["cases"]
    assert (case["state"], case["conversations_held"]) == ("closed", 1)


def test_what_is_not_followed_here_is_known_and_the_port_is_the_one_it_names() -> None:
    assert set(LINES) >= ELSEWHERE
    assert f"with HTTP on {Settings().host}:{Settings().port}" in README
