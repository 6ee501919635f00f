"""Faults of the engine, the buses and the settings: what would lose, double or disorder."""

from __future__ import annotations

from tests.engine.fault import Fault

WITHIN = (
    Fault(
        "hearers are told out of order",
        "shared/bus/outbox.py",
        "if n < 0 or n < max((latest.get(one, -1) for one in told), default=-1):",
        "if n < 0:",
        "outbox",
    ),
    Fault(
        "what was passed and comes late is dropped",
        "shared/engine/position.py",
        "return n > self.last or self.lacks(n)",
        "return n > self.last",
        "order",
    ),
    Fault(
        "each state is asked for apart",
        "shared/engine/engine.py",
        "found = await self.store.look(c, early, plain, sorted(pools))",
        "found = [await self.store.look(c, early, [one], sorted(pools)) for one in plain][0]",
        "round_trips",
    ),
    Fault("pools are not locked", "shared/engine/sql/postgres.py", " for update of pool", "", "pool"),
    Fault(
        "two replicas lease the same letter",
        "shared/engine/sql/postgres.py",
        'order by due_at, seq limit $4 for update skip locked"""',
        'order by due_at, seq limit $4"""',
        "letters",
    ),
    Fault("no inbox", "shared/engine/work.py", "if not position.is_new(n) or", "if", "order"),
    Fault(
        "early is taken at once", "shared/engine/work.py", "elif n > position.last + 1 or (", "elif False or (", "order"
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
        "await self._send(_envelope(group))",
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
    Fault(
        "what died stays received", "shared/engine/engine.py", "released=memory.undecided(),", "released=set(),", "died"
    ),
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
    Fault(
        "a resend leaves its dead letter", "shared/engine/engine.py", "risen=memory.risen(),", "risen=set(),", "died"
    ),
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
        "reports that were delivered too often have no reader",
        "shared/bus/rabbit.py",
        "topology.dead_queue(topology.REPORTS): self._bury_report",
        "",
        "rabbit",
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
        "pause = min(first * 2 ** min(failed, 10), LONGEST_PUT_OFF)",
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
