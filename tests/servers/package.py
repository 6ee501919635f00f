"""Finds the machine's RabbitMQ, and installs the Debian package where it is missing and that is allowed."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.host import ServerMissing, run_quietly

# Not /usr/sbin: there Debian has a wrapper that changes the user.
FOLDERS = ("/usr/lib/rabbitmq/bin", "/usr/local/sbin", "/opt/homebrew/sbin")


def rabbitmq_tools() -> Path:
    """The folder of rabbitmq-server and rabbitmqctl, after an attempt to install them where that is allowed."""
    found = _find_rabbitmq_tools()
    if not found and shutil.which("apt-get") and os.geteuid() == 0:
        with _one_at_a_time():
            if not _find_rabbitmq_tools():
                install_rabbitmq()
        found = _find_rabbitmq_tools()
    if not found:
        raise ServerMissing(
            "no RabbitMQ: start Docker, or install rabbitmq-server (on Debian: apt-get install rabbitmq-server)"
        )
    return found


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Processes that run tests side by side miss it at the same moment; one of them installs it."""
    with (Path(tempfile.gettempdir()) / "naast-installs").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _find_rabbitmq_tools() -> Path | None:
    return next((Path(home) for home in FOLDERS if (Path(home) / "rabbitmq-server").exists()), None)


def install_rabbitmq() -> None:
    """Install the Debian package without starting the machine's own RabbitMQ."""
    print("installing rabbitmq-server with apt-get ...", file=sys.stderr)
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")  # "action forbidden": packages may not start services
        policy.chmod(0o755)
    try:
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        run_quietly("apt-get", "update", env=env)
        run_quietly("apt-get", "install", "-y", "--no-install-recommends", "rabbitmq-server", env=env)
    except subprocess.CalledProcessError as error:
        raise ServerMissing(
            "no RabbitMQ: `apt-get install rabbitmq-server` failed; run it by hand to see why"
        ) from error
    finally:
        if ours:
            policy.unlink()
