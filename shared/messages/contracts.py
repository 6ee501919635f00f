"""The contracts as files: JSON Schemas per publisher and one AsyncAPI document, in docs/contracts.

`python -m shared.messages.contracts` writes them; `--check` says whether they are stale, and whether a change breaks a
reader: an older service must understand what a newer one writes, and a newer one what lies in journals and queues since
the last release. `--release` makes today's contracts the ones that later changes are held against.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.messages import CATALOGUE, SERVICES, Fact, Message

FOLDER = Path(__file__).parents[2] / "docs" / "contracts"
RELEASED = FOLDER / "released"
_WORDS = ("description", "title", "default", "examples")


def schemas(publisher: str) -> dict[str, Any]:
    """type -> JSON Schema of the data of each message of a publisher, as it is written."""
    mine = {type: kind for type, kind in sorted(CATALOGUE.items()) if kind.publisher == publisher}
    return {type: kind.model_json_schema(mode="serialization") for type, kind in mine.items()}


def asyncapi() -> dict[str, Any]:
    """The events that travel, who says them and who hears them (AsyncAPI 3.0)."""
    facts = [kind for _, kind in sorted(CATALOGUE.items()) if issubclass(kind, Fact)]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "naast",
            "version": "1",
            "description": "Events of the peer support services; one AMQP message carries one or more of them.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {name: _channel(name, facts) for name in SERVICES},
        "operations": {f"{who}_hears_{name}": _hears(who, name, heard) for (who, name), heard in _heard(facts).items()},
        "components": {"messages": {kind.type: _message(kind) for kind in facts}},
    }


def broken(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Why a reader of `old` fails on what a writer of `new` writes, or the other way round; empty when neither does."""
    problems = [f"{type} is gone" for type in old if type not in new]
    for type in old.keys() & new.keys():
        problems += [f"{type}: {problem}" for problem in _object_breaks(old[type], new[type], old[type], new[type])]
    return sorted(problems)


def main(arguments: list[str] | None = None) -> int:
    """Writes, checks or releases. 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say what is stale or broken")
    parser.add_argument("--release", action="store_true", help="hold later changes against today's contracts")
    options = parser.parse_args(arguments)
    files = {FOLDER / f"{name}.json": schemas(name) for name in SERVICES} | {FOLDER / "asyncapi.json": asyncapi()}
    if options.check:
        return _check(files)
    _write(files)
    if options.release:
        _write({RELEASED / f"{name}.json": schemas(name) for name in SERVICES})
    return 0


def _check(files: dict[Path, dict[str, Any]]) -> int:
    stale = [
        path.name for path, content in files.items() if not path.exists() or path.read_text("utf-8") != _text(content)
    ]
    problems = [problem for name in SERVICES for problem in broken(_read(RELEASED / f"{name}.json"), schemas(name))]
    for name in stale:
        print(f"docs/contracts/{name} is stale: run python -m shared.messages.contracts", file=sys.stderr)
    for problem in problems:
        print(f"breaks a reader: {problem}. Give the message a new version instead.", file=sys.stderr)
    return 1 if stale or problems else 0


def _object_breaks(
    old: dict[str, Any], new: dict[str, Any], old_root: dict[str, Any], new_root: dict[str, Any]
) -> list[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    problems = [f"{field} is gone" for field in before if field not in after]
    problems += [
        f"{field} is new and has no default" for field in after if field not in before and "default" not in after[field]
    ]
    for field in before.keys() & after.keys():
        problems += _value_breaks(
            field, _resolved(before[field], old_root), _resolved(after[field], new_root), old_root, new_root
        )
    return problems


def _value_breaks(field: str, old: Any, new: Any, old_root: dict[str, Any], new_root: dict[str, Any]) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict) and "properties" in old and "properties" in new:
        return [f"{field}.{problem}" for problem in _object_breaks(old, new, old_root, new_root)]
    if isinstance(old, dict) and isinstance(new, dict) and "items" in old and "items" in new:
        return _value_breaks(
            f"{field}[]", _resolved(old["items"], old_root), _resolved(new["items"], new_root), old_root, new_root
        )
    return [] if _meaning(old) == _meaning(new) else [f"{field} means something else"]


def _resolved(schema: Any, root: dict[str, Any]) -> Any:
    name = schema.get("$ref", "").rpartition("/")[2] if isinstance(schema, dict) else ""
    return root["$defs"][name] if name else schema


def _meaning(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _meaning(value) for key, value in schema.items() if key not in _WORDS}
    return [_meaning(value) for value in schema] if isinstance(schema, list) else schema


def _channel(name: str, facts: Sequence[type[Message]]) -> dict[str, Any]:
    mine = [kind for kind in facts if kind.publisher == name]
    return {
        "address": f"{name}.#",
        "description": (sys.modules[f"shared.messages.{name}"].__doc__ or "").strip().splitlines()[0],
        "messages": {kind.name: {"$ref": f"#/components/messages/{kind.type}"} for kind in mine},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": "naast.events", "type": "topic", "durable": True},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _heard(facts: Sequence[type[Fact]]) -> dict[tuple[str, str], list[type[Fact]]]:
    """(hearer, publisher) -> the facts that travel from one to the other."""
    heard: dict[tuple[str, str], list[type[Fact]]] = {}
    for fact in facts:
        for who in fact.heard_by:
            heard.setdefault((who, fact.publisher), []).append(fact)
    return heard


def _hears(who: str, name: str, heard: Sequence[type[Fact]]) -> dict[str, Any]:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": f"What {who} hears of {name}, by the routing key to.{who}, in one quorum queue named {who}.",
        "messages": [{"$ref": f"#/channels/{name}/messages/{fact.name}"} for fact in heard],
    }


def _message(kind: type[Message]) -> dict[str, Any]:
    return {
        "name": kind.type,
        "contentType": "application/cloudevents+json",
        "payload": {"$ref": f"./{kind.publisher}.json#/{kind.type}"},
    }


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _write(files: dict[Path, dict[str, Any]]) -> None:
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_text(content), "utf-8")


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main())
