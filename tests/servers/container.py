"""A server in a container of whatever Docker engine answers."""

import contextlib
import functools
import gc
import subprocess
import warnings
from collections.abc import Sequence

import docker
from testcontainers.core.container import DockerContainer

from tests.servers.host import START_SECONDS, free_ports


@functools.cache
def docker_answers() -> bool:
    try:
        with contextlib.closing(docker.from_env(timeout=3)) as client:
            return bool(client.ping())
    except docker.errors.DockerException:
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a client that finds no engine leaves its socket open
        gc.collect()
    return False


class Container:
    """A server in a container whose port is bound once, so that it is the same after a restart."""

    def __init__(self, image: str, inner_port: int, command: Sequence[str] = (), **env: str) -> None:
        """command: what to run in it instead of what the image runs."""
        (self.port,) = free_ports(1)
        self._container = DockerContainer(image).with_bind_ports(inner_port, self.port).with_envs(**env)
        if command:
            self._container.with_command(list(command))
        self._container.start()
        self.address: str = self._container.get_container_host_ip()

    def start(self) -> None:
        self._container.get_wrapped_container().start()

    def stop(self) -> None:
        self._container.get_wrapped_container().stop(timeout=START_SECONDS)

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def close(self) -> None:
        self._container.stop()

    def run(self, *command: str) -> None:
        try:
            code, output = self._container.exec(list(command))
        except docker.errors.APIError as error:  # the container is down
            raise subprocess.CalledProcessError(-1, command[0], str(error)) from error
        if code:
            raise subprocess.CalledProcessError(code, command[0], output)
