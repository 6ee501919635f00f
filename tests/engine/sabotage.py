"""Proves that the tests of the engine would notice: each planted fault must turn them red.

Run it with `python -m tests.engine.sabotage [word]`; a word chooses the faults whose name has it.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import sabotage


@dataclass(frozen=True)
class Fault(sabotage.Fault):
    """`tests`: which file of tests/engine must notice it."""

    tests: str


FAULTS = (
    Fault(
        "whoever has no key is heard",
        "shared/http/gate.py",
        'if found is None and terms.key == "header":',
        "if False:",
        "gate",
    ),
    Fault(
        "no limit on bytes",
        "shared/http/gate.py",
        "if len(body) + len(part) <= most and not beyond:",
        "if True:",
        "gate",
    ),
    Fault("what is announced is believed to be small", "shared/http/gate.py", "int(announced) > most", "False", "gate"),
    Fault(
        "a body is waited for without end",
        "shared/http/gate.py",
        "asyncio.timeout(PATIENCE +",
        "asyncio.timeout(600 +",
        "gate",
    ),
    Fault(
        "half a body is taken", "shared/http/gate.py", 'if message["type"] == "http.disconnect":', "if False:", "gate"
    ),
    Fault(
        "a head is waited for without end", "shared/http/server.py", "call_later(PATIENCE,", "call_later(600,", "gate"
    ),
    Fault("open for one is open for all", "shared/http/gate.py", "if method not in not_of and", "if", "gate"),
    Fault(
        "positions are not locked",
        "shared/engine/store.py",
        '("sequence", "parked")).with_for_update()',
        '("sequence", "parked"))',
        "order",
    ),
    Fault("pools are not locked", "shared/engine/store.py", '("version",)).with_for_update()', '("version",))', "pool"),
    Fault(
        "two replicas lease the same letter",
        "shared/engine/pending.py",
        ".with_for_update(skip_locked=True)",
        "",
        "letters",
    ),
    Fault("no inbox", "shared/engine/work.py", "if sequence <= last or", "if False and sequence <= last or", "order"),
    Fault(
        "early is taken at once", "shared/engine/work.py", "elif sequence > last + 1 or (", "elif False or (", "order"
    ),
    Fault("commands are taken twice", "shared/engine/work.py", "counted = self.free or", "counted = True or", "harm"),
    Fault(
        "one bad decision harms the batch",
        "shared/engine/work.py",
        'self.dead.append((event, f"undecidable_{type(error).__name__}"))\n            return False',
        "raise",
        "harm",
    ),
    Fault(
        "placeholders are somebody",
        "shared/engine/decision.py",
        "if not memory.rows[key].blank or",
        "if True or",
        "pool",
    ),
    Fault(
        "the pool is remembered for ever",
        "shared/engine/engine.py",
        "if version != memory.pools[name]:",
        "if not rows:",
        "pool",
    ),
    Fault(
        "acknowledged before the commit",
        "shared/bus/rabbit.py",
        "AckPolicy.NACK_ON_ERROR",
        "AckPolicy.ACK_FIRST",
        "rabbit",
    ),
    Fault(
        "unroutable is no error", "shared/bus/rabbit.py", "on_return_raises=True", "on_return_raises=False", "rabbit"
    ),
    Fault(
        "published rows go away unpublished",
        "shared/bus/outbox.py",
        "await self._send(_envelope(chunk))",
        "pass",
        "buses",
    ),
    Fault("the net does not publish", "shared/bus/net.py", "await self._send(envelope)", "pass", "buses"),
    Fault(
        "messages are not kept on disk",
        "shared/bus/rabbit.py",
        "message_id=envelope.id,\n                persist=True",
        "message_id=envelope.id,\n                persist=False",
        "rabbit",
    ),
    Fault(
        "anybody may say anything",
        "shared/bus/rabbit.py",
        "publisher not in (None, found.publisher)",
        "False",
        "rabbit",
    ),
    Fault(
        "given up while the database is away", "shared/bus/inbox.py", "if not is_passing(error):", "if True:", "buses"
    ),
    Fault("a receipt without a row", "shared/engine/entrances.py", "if parcel.row[1] in mine", "if True", "letters"),
    Fault(
        "a replay counts as heard",
        "shared/engine/work.py",
        "if event.sequence is None or again:",
        "if event.sequence is None:",
        "harm",
    ),
    Fault(
        "what died is answered as taken",
        "shared/engine/entrances.py",
        "if command.id in outcome.dead:",
        "if False:",
        "died",
    ),
    Fault("what died stays received", "shared/engine/engine.py", "if memory.undecided():", "if False:", "died"),
    Fault(
        "what died beside others is one of them",
        "shared/engine/work.py",
        "self.new_keys - self.decided",
        "set()",
        "died",
    ),
    Fault(
        "what died twice is a duplicate",
        "shared/engine/work.py",
        "if self._apply(event, doomed):",
        "if [self._apply(event, doomed)]:",
        "died",
    ),
    Fault("a resend leaves its dead letter", "shared/engine/engine.py", "if memory.risen():", "if False:", "died"),
    Fault(
        "a replay after a resend happens twice",
        "shared/engine/engine.py",
        "memory.free = timers\n",
        "memory.free = timers or again\n",
        "died",
    ),
    Fault(
        "a resend after a replay happens twice",
        "shared/engine/engine.py",
        "outside = {} if timers else",
        "memory.free, outside = timers or again, {} if timers or again else",
        "died",
    ),
    Fault(
        "a replay happens twice",
        "shared/engine/engine.py",
        "memory.gone = ids - await self.store.unbury(c, ids)",
        "await self.store.unbury(c, ids)",
        "harm",
    ),
    Fault("a dropped dead letter is replayed", "shared/engine/work.py", "if key in self.gone:", "if False:", "died"),
    Fault(
        "what died again tells its first reason",
        "shared/engine/store.py",
        'self._bury = self._upsert(self.t.dead_letter, ("id",))',
        "self._bury = self.insert(self.t.dead_letter).on_conflict_do_nothing()",
        "died",
    ),
    Fault(
        "a bad timer stops the clocks",
        "shared/engine/timers.py",
        "            return await self._fire_singly(since, limit)",
        "            raise",
        "timers",
    ),
    Fault(
        "a bad receipt sends its letter again",
        "shared/engine/entrances.py",
        "await spared(partial(self._finish, given_up), letters)",
        '[await self._finish(given_up, letters, "")]',
        "letters",
    ),
    Fault(
        "HTTP keeps quiet about what died",
        "shared/http/answers.py",
        "    SetAside: on_set_aside,\n",
        "",
        "journeys/every_door",
    ),
    Fault(
        "a batch in which something died is accepted",
        "services/intake/doors/api.py",
        "if taken.set_aside:",
        "if False:",
        "journeys/not_recorded",
    ),
    Fault(
        "a broker's report that died is told to nobody",
        "services/intake/doors/feeds/reports.py",
        "aside = await _refuse(running, hospital.id, dead, source)",
        "aside = Taken(rejected=tuple(Refusal(one.reason, one.path) for one in dead))",
        "journeys/not_recorded",
    ),
    Fault(
        "of a report that died nothing is counted",
        "services/intake/doors/feeds/reports.py",
        "        set_aside=len(taken.set_aside),\n",
        "",
        "journeys/not_recorded",
    ),
    Fault(
        "reports that were delivered too often have no reader",
        "shared/bus/rabbit.py",
        "topology.dead_queue(topology.REPORTS): self._bury_report",
        "",
        "rabbit",
    ),
    Fault(
        "a staff list is taken over whatever died",
        "services/intake/doors/people.py",
        "if event.id in outcome.dead}",
        "if False}",
        "journeys/not_recorded",
    ),
    Fault(
        "a page says that what died is recorded",
        "services/intake/doors/pages.py",
        "if status < 400:",
        "if status < 400 or status == 503:",
        "journeys/not_recorded",
    ),
    Fault(
        "a button that died counts twice when it is pressed again",
        "services/intake/doors/pages.py",
        "once=once, **nothing",
        "**nothing",
        "journeys/not_recorded",
    ),
    Fault(
        "the terminal is done with what died",
        "services/cli/stop.py",
        'id=document.get("id", "")), SET_ASIDE, document)',
        'id=document.get("id", "")), 0, document)',
        "journeys/not_recorded",
    ),
    Fault(
        "a file is fed whatever died",
        "services/cli/day/feed.py",
        "if summary.set_aside or summary.rejected:",
        "if False:",
        "journeys/not_recorded",
    ),
    Fault(
        "a control character passes in a path",
        "shared/http/legible.py",
        "for name, part in request.path_params.items():",
        "for name, part in {}.items():",
        "journeys/every_door",
    ),
    Fault(
        "a control character passes in a query",
        "shared/http/legible.py",
        "for name, value in request.query_params.multi_items())",
        "for name, value in ())",
        "journeys/every_door",
    ),
    Fault(
        "a control character passes in a body",
        "shared/http/legible.py",
        "if not all(map(is_legible, _texts(given))):",
        "if False:",
        "journeys/every_door",
    ),
    Fault("settings are in force unchecked", "shared/hospital/folder.py", "if found:", "if False:", "settings"),
    Fault(
        "settings are in force unchecked by the house",
        "services/house/parts.py",
        "Hospitals(settings.hospitals, mistakes)",
        "Hospitals(settings.hospitals)",
        "journeys/mistyped",
    ),
    Fault(
        "messages of a hospital without settings are lost",
        "shared/engine/work.py",
        "(self.hospitals.waits(event.hospital) and not doomed)",
        "False",
        "settings",
    ),
    Fault(
        "what waited for settings is passed over",
        "shared/engine/work.py",
        "self._take_up(key)  # what waited for settings that are in force by now",
        "pass",
        "settings",
    ),
    Fault(
        "timers of a hospital without settings are lost",
        "shared/engine/timers.py",
        "await self.store.write_pending(c, _again(waiting, now + WAIT, self.name))",
        "pass",
        "settings",
    ),
    Fault(
        "timers of a hospital without settings are tried at once again",
        "shared/engine/timers.py",
        "now + WAIT",
        "now",
        "settings",
    ),
    Fault(
        "a command counts although it was not taken",
        "shared/engine/entrances.py",
        "if problem is not None:",
        "if False:",
        "settings",
    ),
    Fault(
        "a raising letter ends the loop",
        "shared/bus/steady.py",
        "if is_passing(error) or isinstance(error, self._expected):",
        "if True:",
        "steady",
    ),
    Fault(
        "a raising letter is nobody's own",
        "shared/bus/letters.py",
        "        await _failed(engine, parcel, error)\n        return None",
        "        raise",
        "steady",
    ),
    Fault(
        "a raising letter is tried for ever",
        "shared/engine/outgoing.py",
        "if failed + 1 >= TRIES and not for_ever:",
        "if False:",
        "steady",
    ),
    Fault(
        "a raising letter is tried at once again",
        "shared/engine/outgoing.py",
        "pause = min(FIRST_PUT_OFF * 2 ** min(failed, 10), LONGEST_PUT_OFF)",
        "pause = timedelta(0)",
        "steady",
    ),
    Fault(
        "one raising timer holds up the others",
        "shared/engine/timers.py",
        "return await self._fire_singly(since, limit)",
        "raise",
        "steady",
    ),
)


def _file(tests: str) -> str:
    """Where these tests stand: among those of the engine, if it is not said."""
    folder, _, name = tests.rpartition("/")
    return f"tests/{folder or 'engine'}/test_{name}.py"


def run(fault: Fault, folder: Path) -> str:
    """The first test that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", _file(fault.tests)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise sabotage.Spoiled(f"'{fault.name}' fails no test but the run: {(done.stdout + done.stderr)[-400:]}")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0] if done.returncode and failed else ""


if __name__ == "__main__":
    raise SystemExit(sabotage.main(FAULTS, run, "Plants faults in the engine."))
