"""The diagram of the states of a case is what the code does, and says so when it is not."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from services.followup.doors import diagram
from services.followup.protocol.case import Status


def test_the_page_is_up_to_date() -> None:
    assert diagram.main(["--check"]) == 0


def test_it_is_found_anew_in_the_same_way() -> None:
    assert diagram.page() == diagram.page()


def test_every_state_can_be_reached_and_left() -> None:
    arrows = diagram.arrows()
    assert {old for old, _ in arrows} == set(get_args(Status))
    assert {new for _, new in arrows} == set(get_args(Status)) - {"unknown"} | {"erased"}


def test_over_is_for_ever() -> None:
    assert [new for old, new in diagram.arrows() if old == "closed"] == ["erased"]


def test_a_page_that_is_stale_or_missing_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(diagram, "FILE", tmp_path / "case.md")
    assert diagram.main(["--check"]) == 1
    assert diagram.main([]) == 0
    assert diagram.main(["--check"]) == 0
    (tmp_path / "case.md").write_text("something else", "utf-8")
    assert diagram.main(["--check"]) == 1
    assert "case.md is stale" in capsys.readouterr().err
