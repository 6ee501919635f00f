"""Faults of what a house keeps and sends: who else could read it."""

from __future__ import annotations

from tests.engine.fault import Fault

OF_THE_STORE = (
    Fault(
        "others read the files of a house",
        "shared/private.py",
        "    os.fchmod(made, _FILE)\n",
        "    os.fchmod(made, 0o644)\n",
        "attacks/kept_to_oneself",
    ),
    Fault(
        "others enter the folder of a house",
        "shared/private.py",
        "        path.chmod(_FOLDER)\n",
        "        path.chmod(0o755)\n",
        "attacks/kept_to_oneself",
    ),
    Fault(
        "a database makes its file itself",
        "shared/sqlite.py",
        "            private.file(Path(path))\n",
        "            pass\n",
        "attacks/kept_to_oneself",
    ),
    Fault(
        "the doctor does not look at who can read",
        "shared/private.py",
        "bool(found.st_mode & _OTHERS)",
        "False",
        "attacks/kept_to_oneself",
    ),
    Fault(
        "a kept key goes wherever a folder says",
        "services/cli/desk.py",
        "credentials.kept(self.settings.home, self.place).get(self.hospital_id)",
        "credentials.kept(self.settings.home).get(self.hospital_id)",
        "attacks/kept_to_oneself",
    ),
    Fault(
        "a short secret is good enough",
        "services/house/parts.py",
        "if min(len(secret.encode()) for secret in found) < SHORTEST:",
        "if False:",
        "attacks/kept_to_oneself",
    ),
    Fault(
        "letters leave in the clear",
        "services/intake/doors/mail/line.py",
        '            if not smtp.supports_extension("starttls"):\n                raise InTheClear\n            await',
        '            if smtp.supports_extension("starttls"):\n                await',
        "attacks/in_the_clear",
    ),
    Fault(
        "a broker is spoken to in the clear",
        "services/house/replica.py",
        "if clear := broker_in_the_clear(settings):",
        "if (clear := broker_in_the_clear(settings)) and False:",
        "attacks/in_the_clear",
    ),
    Fault(
        "a database is spoken to in the clear",
        "services/house/parts.py",
        "if clear := database_in_the_clear(settings):",
        "if (clear := database_in_the_clear(settings)) and False:",
        "attacks/in_the_clear",
    ),
    Fault(
        "a certificate need not be good",
        "shared/transport.py",
        'parts.scheme == "amqps" and not unverified',
        'parts.scheme == "amqps"',
        "attacks/in_the_clear",
    ),
    Fault(
        "another secret names everybody anew",
        "services/intake/doors/refs.py",
        "if not running.old_secrets:",
        "if True:",
        "attacks/another_secret",
    ),
    Fault(
        "what is new is named by the old secret",
        "services/intake/doors/refs.py",
        "if one in known), those[0])",
        "if one in known), those[-1])",
        "attacks/another_secret",
    ),
    Fault(
        "another secret forgets what was erased",
        "shared/erased.py",
        "for secret in self._secrets)]",
        "for secret in self._secrets[:1])]",
        "attacks/another_secret",
    ),
    Fault(
        "a key after another secret is somebody else's",
        "services/cli/ops/keyring.py",
        "if old else set()",
        "if False else set()",
        "attacks/another_secret",
    ),
    Fault(
        "the old secret is thrown away",
        "services/cli/ops/secret.py",
        "(new, *before)",
        "(new,)",
        "attacks/another_secret",
    ),
)
