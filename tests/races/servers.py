"""PostgreSQL servers that a test may kill: the embedded one, and a separately installed one where there is one."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from tanhui.site import accounts, postgres

MORE_CLIENTS = {"max_connections": "150"}  # 64 clients, each with a connection of its own
ONLY_OURS = {"io_method"}  # settings an older server does not know
OLDEST = 15


class Embedded:
    """The product's own server in a folder of its own, started and recovered by the product's own module."""

    def __init__(self, folder):
        self.var = folder
        self.settings = postgres.SETTINGS | MORE_CLIENTS

    def start(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(postgres, "SETTINGS", self.settings)
            postgres.start(self.var)

    def kill(self):
        os.kill(postgres.postmaster_of(postgres.cluster(self.var)), signal.SIGKILL)

    def remove(self):
        postgres.remove(self.var)

    def url(self, role, database):
        return postgres.url(self.var, role=role, database=database)


class Installed:
    """A cluster of its own, run from the machine's PostgreSQL as an account that is not root."""

    def __init__(self, binaries):
        self.home = Path(tempfile.mkdtemp(prefix="tanhui-races-"))
        account = accounts.of(self.home / "data")
        self.cluster = postgres.Cluster(
            data=self.home / "data",
            socket=self.home / "socket",
            logs=self.home / "log",
            binaries=binaries,
            account=account,
        )
        self.settings = {
            name: value for name, value in (postgres.SETTINGS | MORE_CLIENTS).items() if name not in ONLY_OURS
        }

    def start(self):
        found = self.cluster
        if not found.data.exists():
            for folder in (self.home, found.socket, found.logs):
                accounts.own(folder, found.account)
            made = found.run(
                *("initdb", "--pgdata", str(found.data), "--username", postgres.SUPERUSER),
                *("--auth", "peer", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"),
            )
            assert made.returncode == 0, made.stdout
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(postgres, "SETTINGS", self.settings)
                postgres.configure(found)
            postgres.write(found, "pg_hba.conf", "local all all trust\n")  # the folder of the socket is closed
        postgres.clear(found)
        postgres.launch(found)
        postgres.prepare(found)

    def kill(self):
        os.kill(postgres.postmaster_of(self.cluster), signal.SIGKILL)

    def remove(self):
        if (postmaster := postgres.postmaster_of(self.cluster)) is not None:
            postgres.gone(postmaster, signal.SIGINT, 30.0, self.cluster)
        postgres.clear(self.cluster)
        shutil.rmtree(self.home)

    def url(self, role, database):
        return self.cluster.url(role=role, database=database)


def installed_binaries():
    """The folder of the newest server installed beside us, 15 or newer, with its ``initdb``; or ``None``."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/pgsql/bin"), Path("/usr/local/pgsql/bin")]
    places += [
        Path(found).resolve().parent for found in [shutil.which("postgres", path="/usr/local/bin:/usr/bin")] if found
    ]
    found = {version(place): place for place in places if (place / "initdb").exists() and (place / "postgres").exists()}
    newest = max(found, default=0)
    return found[newest] if newest >= OLDEST else None


def version(binaries):
    said = subprocess.run([str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"\) (\d+)", said).group(1))
