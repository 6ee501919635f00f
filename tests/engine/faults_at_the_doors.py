"""Faults where the outside comes in or is told: who is heard, and what people hear back."""

from __future__ import annotations

from tests.engine.fault import Fault

AT_THE_DOORS = (
    Fault(
        "whoever has no key is heard",
        "shared/http/gate.py",
        "if found is None:\n            raise Refused(401",
        "if found is None and token:\n            raise Refused(401",
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
    Fault(
        "open for one is open for all", "shared/http/gate.py", "if method in methods and (found", "if (found", "gate"
    ),
    Fault(
        "positions are not locked",
        "shared/engine/sql/postgres.py",
        " for update of heard",
        "",
        "order",
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
        "aside = await _refuse(running, hospital.id, dead, source, kept=True)",
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
        "an old connection costs a letter",
        "services/intake/doors/mail/line.py",
        "for may_be_old in (True, False):",
        "for may_be_old in (False,):",
        "intake_mail_line",
    ),
    Fault(
        "what was refused meets the next letter",
        "services/intake/doors/mail/line.py",
        "await _emptied(smtp)",
        "pass",
        "intake_mail_line",
    ),
    Fault(
        "each letter has a connection of its own",
        "services/intake/doors/mail/line.py",
        "if self._smtp is not None and self._smtp.is_connected:",
        "if False:",
        "intake_mail_line",
    ),
    Fault(
        "each letter waits for a server that is away",
        "services/intake/doors/mail/notices.py",
        "except Away as away:\n                self._is_away = True",
        "except Away as away:\n                self._is_away = False",
        "intake_mail_line",
    ),
    Fault(
        "one letter under which it breaks off stops all",
        "services/intake/doors/mail/notices.py",
        "(isinstance(error, Lost) and self._has_lost)",
        "isinstance(error, Lost)",
        "intake_mail_line",
    ),
    Fault(
        "the line is never hung up",
        "services/intake/doors/mail/line.py",
        "self._watching = asyncio.create_task(self._watch(smtp))",
        "pass",
        "intake_mail_line",
    ),
    Fault(
        "each try of a letter makes another link",
        "services/intake/doors/mail/notices.py",
        "return link_token(self._running.secret, letter)",
        "return link_token(self._running.secret, letter + self._running.mint.event_id())",
        "attacks/links",
    ),
    Fault(
        "what was revoked comes back with its letter",
        "shared/http/access.py",
        'add.on_conflict_do_nothing(index_elements=["hash"])',
        'add.on_conflict_do_update(index_elements=["hash"], set_={"revoked_at": None})',
        "attacks/links",
    ),
    Fault(
        "links go on after what they were for",
        "services/intake/app.py",
        "    after=end_links,\n",
        "",
        "attacks/links",
    ),
    Fault(
        "a link of one ends with that of another case",
        "shared/http/access.py",
        "_key.c.case == case, _key.c.role == role]",
        "_key.c.role == role]",
        "attacks/links",
    ),
)
