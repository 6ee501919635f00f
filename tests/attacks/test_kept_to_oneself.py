"""What a house keeps is read by its owner alone, and what it knows is given to nobody else."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr

from services.cli import credentials
from services.house.embedded import open_house
from services.house.parts import SHORTEST, HouseError, secrets_of
from shared import private
from shared.clock import SimulatedClock
from shared.erased import erased_list
from shared.settings import Settings
from shared.testing import NOW
from tests.journeys.terminal import Terminal


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(home: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.rglob("*"))}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
async def test_only_its_owner_reads_what_a_house_writes_whatever_the_umask_says(tmp_path: Path, mask: int) -> None:
    home = tmp_path / "deep" / "home"
    settings = Settings(home=home, hospitals=tmp_path)
    with umask(mask):
        async with open_house(settings, clock=SimulatedClock(NOW)) as house:
            await house.common.access.make_key("example", "feed")
            erased_list(settings, house.common.secret).add([("example", "c-1")])
            credentials.keep(home, "example", "key")
            private.write(home / "clock", NOW.isoformat())
            found = modes(home)
    names = {"home", "secret", "lock", "erased", "clock", "credentials.json", "intake.sqlite", "intake.sqlite-wal"}
    assert names | {"access.sqlite-shm", "training.sqlite-wal"} <= found.keys()
    assert {name: mode for name, mode in found.items() if mode != (0o700 if name == "home" else 0o600)} == {}
    assert private.open_to_others(home) == []


@pytest.mark.parametrize("name", ["", "secret", "access.sqlite", "intake.sqlite", "credentials.json"])
@pytest.mark.parametrize("mode", [0o040, 0o004, 0o010])
def test_the_doctor_refuses_what_others_can_reach(terminal: Terminal, name: str, mode: int) -> None:
    terminal.ok("hospital new st-lucas --yes")
    terminal.ok("cases")
    path = terminal.home / name
    path.chmod(stat.S_IMODE(path.stat().st_mode) | mode)
    sick = terminal("doctor --json")
    [home] = [one for one in sick.json["findings"] if one["what"] == "home"]
    assert (sick.code, home["state"], home["do"]) == (3, "bad", f"chmod -R go-rwx {terminal.home}")
    assert path.name in home["says"]


class Ears(BaseHTTPRequestHandler):
    """Notes which key it is given."""

    heard: list[str | None]

    def do_GET(self) -> None:
        self.heard.append(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def stranger() -> Iterator[tuple[str, list[str | None]]]:
    """Somebody else's server, and what it hears."""
    Ears.heard = []
    server = HTTPServer(("127.0.0.1", 0), Ears)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", Ears.heard
    finally:
        server.shutdown()
        server.server_close()


def test_a_folder_cannot_send_a_kept_key_elsewhere(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = terminal.json("hospital new st-lucas --yes")
    monkeypatch.chdir(tmp_path)
    with stranger() as (url, heard):
        (tmp_path / ".env").write_text(f"NAAST_URL={url}\n")
        for line in ("cases", "tasks", "case show c-7k3m9q2hzd", "overview"):
            answer = terminal(f"{line} --hospital st-lucas")
            assert (answer.code, f"No key of st-lucas is kept here for {url}." in answer.talk) == (1, True)
        assert heard == []
        credentials.keep(terminal.home, "st-lucas", "the key of that place", url)
        terminal("cases --hospital st-lucas")
        assert set(heard) == {"Bearer the key of that place"}
    (tmp_path / ".env").unlink()
    assert credentials.kept(terminal.home) == {"st-lucas": made["key"]}
    terminal.ok("cases")


@pytest.mark.parametrize("secret", ["", "easy", "x" * (SHORTEST - 1)])
def test_a_secret_that_can_be_guessed_is_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(HouseError, match="NAAST_SECRET is too short") as refused:
        secrets_of(Settings(home=tmp_path, secret=SecretStr(secret)))
    assert not secret or secret not in str(refused.value)
    private.write(tmp_path / "secret", secret)
    with pytest.raises(HouseError, match="secret is too short"):
        secrets_of(Settings(home=tmp_path))


def test_a_house_makes_its_own_secret_once(tmp_path: Path) -> None:
    [one], [again] = (secrets_of(Settings(home=tmp_path / "home")) for _ in range(2))
    assert (one, len(one.encode()) >= SHORTEST) == (again, True)
