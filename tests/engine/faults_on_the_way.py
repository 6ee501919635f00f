"""Faults of the buses: what would be lost, doubled or held up on its way."""

from __future__ import annotations

from tests.engine.fault import Fault

ON_THE_WAY = (
    Fault(
        "hearers are told out of order",
        "shared/bus/outbox.py",
        "if n < 0 or n < max((latest.get(one, -1) for one in told), default=-1):",
        "if n < 0:",
        "outbox",
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
        "account.name or None,\n                    persist=True",
        "account.name or None,\n                    persist=False",
        "rabbit",
    ),
    Fault(
        "anybody may say anything",
        "shared/bus/rabbit.py",
        "publisher not in (None, found.publisher)",
        "False",
        "rabbit",
    ),
    Fault("given up while the database is away", "shared/bus/patience.py", "if not reason:", "if True:", "buses"),
    Fault(
        "reports that were delivered too often have no reader",
        "shared/bus/rabbit.py",
        "never_given_back(self.engine, bury) for n, (_, bury) in read.items()",
        "never_given_back(self.engine, bury) for n, (_, bury) in read.items() if n != topology.REPORTS",
        "rabbit",
    ),
    Fault(
        "a raising letter ends the loop",
        "shared/bus/steady.py",
        "if reason := trouble(error):",
        "if True:",
        "steady",
    ),
    Fault(
        "a raising letter is nobody's own",
        "shared/bus/letters.py",
        "            await self._failed(letter, error)\n            return\n",
        "            raise\n",
        "steady",
    ),
    Fault(
        "letters are accounted for when all are gone",
        "shared/bus/letters.py",
        "timeout=_MOMENT",
        "timeout=None",
        "letters",
    ),
    Fault(
        "letters are begun beyond their lease", "shared/bus/letters.py", "if letter.row[0] > self", "if self", "letters"
    ),
    Fault("one look-up harms a batch", "shared/bus/letters.py", "if len(letters) == 1:", "if True:", "letters"),
    Fault(
        "timers of a replica wait for letters",
        "shared/bus/net.py",
        'await self._do("take_up"',
        'await self._letters.carry_due()\n        await self._do("take_up"',
        "loops",
    ),
    Fault(
        "a house waits for letters",
        "shared/bus/local.py",
        "        while await self._round():",
        "        while await self._round() | await self._carry():",
        "loops",
    ),
    Fault("what hangs keeps the process", "shared/bus/loops.py", "timeout=grace", "timeout=None", "loops"),
    Fault("how late facts are is hidden", "shared/bus/lateness.py", ", *engine.destinations", "", "loops"),
    Fault(
        "behind the one that kills all are counted",
        "shared/bus/local.py",
        "        elif tried:\n",
        "        elif tried:\n            await publisher.strike([one for one, _ in left], subscriber.name)\n",
        "local_bus",
    ),
    Fault(
        "whoever says it is not looked at",
        "shared/bus/accounts.py",
        "return not self.is_own or sender",
        "return True or sender",
        "attacks/forged_facts",
    ),
    Fault(
        "messages do not say from which account they are",
        "shared/bus/rabbit.py",
        "user_id=self._speakers.account.name or None",
        "user_id=None",
        "attacks/forged_facts",
    ),
    Fault(
        "a service may say what is another's",
        "shared/bus/definitions.py",
        r'rf"^({re.escape(service)}\..+|',
        r'rf"^(.+\..+|',
        "attacks/forged_facts",
    ),
    Fault(
        "a hospital may hand in for all",
        "shared/bus/definitions.py",
        "_topic(topology.REPORTS, _one_of([key]))",
        '_topic(topology.REPORTS, ".*")',
        "attacks/forged_facts",
    ),
    Fault(
        "a system may hand in for its whole hospital",
        "services/intake/doors/feeds/reports.py",
        '[_of_system(one, system) for one in found], "amqp"',
        'found, "amqp"',
        "attacks/reports_of_others",
    ),
    Fault(
        "a report delivered too often is whose it says that it is",
        "shared/bus/reports.py",
        'whose = message.routing_key or ""',
        'died = message.headers.get("x-death") or [{"routing-keys": [message.routing_key]}]\n'
        '        whose = str(died[0]["routing-keys"][0])',
        "attacks/reports_of_others",
    ),
    Fault(
        "where systems are named one account is left for all",
        "services/cli/ops/broker.py",
        "(one for one in hospitals if one not in named)",
        "(one for one in hospitals)",
        "attacks/forged_facts",
    ),
    Fault(
        "reports are taken where anybody may hand them in",
        "shared/bus/accounts.py",
        "            if self._must_be_bound:",
        "            if False:",
        "attacks/forged_facts",
    ),
    Fault(
        "who may make nothing counts nothing",
        "shared/bus/topology.py",
        "return {queue: await _length(channel, queue) for queue in counted}",
        "return {}",
        "attacks/forged_facts",
    ),
    Fault(
        "an account is believed to be bound by its name",
        "shared/bus/accounts.py",
        "await _passes(connection, topology.nobody(other))",
        "False",
        "attacks/forged_facts",
    ),
    Fault(
        "a stranger makes labels",
        "shared/metrics.py",
        "return type if type in CATALOGUE else UNKNOWN",
        "return type",
        "attacks/forged_facts",
    ),
)
