"""What every test may use: a real PostgreSQL, the shared data, a real browser; and nothing of the outside network.

The database is the embedded one, kept in ``var/tests`` and started when the first test asks for it; name another
server's superuser in ``TANHUI_TEST_DATABASE_URL`` to use that. Each run and each of its workers has its own database.
"""

import importlib
import ipaddress
import json
import os
import secrets
import socket
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CLUSTER = ROOT / "var" / "tests"  # kept between runs: making one takes a second
CHROMIUM = Path("/usr/bin/chromium")


# -- settings ----------------------------------------------------------------------------------------------------------


def pytest_configure(config):
    """Read the product's settings again in the tests' own environment: pytest-django loads them before any conftest."""
    var = tempfile.TemporaryDirectory(prefix="tanhui-tests-")
    config.add_cleanup(var.cleanup)
    for name in [name for name in os.environ if name.startswith("TANHUI_") and not name.startswith("TANHUI_TEST_")]:
        if name not in {"TANHUI_SHARED"}:
            del os.environ[name]
    os.environ |= {"TANHUI_MODE": "demonstration", "TANHUI_STATIC": "finders", "TANHUI_VAR": var.name}
    try:
        from django.conf import settings

        from tanhui.site import settings as ours
        from tanhui.site import translations
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == "tanhui":
            raise
        return  # the base install: only the tests that need no server can run
    translations.bring_up_to_date()
    importlib.reload(ours)
    for name in filter(str.isupper, vars(ours)):
        if name != "DATABASES":  # opened already; the fixture below points them elsewhere
            setattr(settings, name, getattr(ours, name))
    settings.TANHUI_REMEMBER = 0  # nothing a test changed is shown as it was before
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a good one is slow by design
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that is not there


# -- network -----------------------------------------------------------------------------------------------------------


class OutsideNetwork(AssertionError):
    """A test reached for another machine."""


def guarded(connect):
    def only_here(self, address, *rest):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_here(address[0]):
            raise OutsideNetwork(f"tests do not leave this machine: {address}")
        return connect(self, address, *rest)

    return only_here


def is_here(host):
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:  # a name
        return host == "localhost"


socket.socket.connect = guarded(socket.socket.connect)
socket.socket.connect_ex = guarded(socket.socket.connect_ex)


# -- data --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared():
    """The folder of shared data beside the checkout."""
    folder = Path(os.environ.get("TANHUI_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"the shared data is not at {folder}; name its folder in TANHUI_SHARED")
    return folder


# -- database ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_url():
    """A PostgreSQL server for this session: the URL of a superuser."""
    from tanhui.site import postgres

    if named := os.environ.get("TANHUI_TEST_DATABASE_URL"):
        yield named
        return
    with postgres.alone(CLUSTER) as nobody_else:
        if nobody_else:
            postgres.start(CLUSTER)
            drop_leftovers(postgres.url(CLUSTER, role=postgres.SUPERUSER, database="postgres"))
    with postgres.using(CLUSTER):
        yield postgres.url(CLUSTER, role=postgres.SUPERUSER, database="postgres")


def drop_leftovers(url):
    """Databases of runs that were killed."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'").fetchall():
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_url):
    """A database nobody else uses, on the session's server."""
    from django.db import connections

    from tanhui.site import environment

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_tanhui_{worker}_{secrets.token_hex(4)}"
    settings = connections.settings["default"]
    settings.update(environment.django_database(postgres_url) | {"CONN_MAX_AGE": 0})
    settings["TEST"].update(NAME=name, TEMPLATE="template0")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After a transactional test the tables are as migrations left them, the append-only ones too."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    with django_db_blocker.unblock():
        rows = snapshot()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", lambda self, statements: wipe(statements, rows))
        yield


def snapshot():
    """Rows that migrations wrote, as JSON per table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        tables = [table for (table,) in cursor.fetchall() if table != "django_migrations"]
        rows = {}
        for table in tables:
            cursor.execute(f'SELECT json_agg(t)::text FROM "{table}" t')
            if (found := cursor.fetchone()[0]) is not None:
                rows[table] = found
    return rows


def wipe(statements, rows):
    """Empty the tables although triggers forbid it, and write back what migrations had written."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in [*statements, "TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE"]:
            cursor.execute(statement)
        for table, text in rows.items():
            columns = ", ".join(f'"{name}"' for name in json.loads(text)[0] if name not in generated(cursor, table))
            cursor.execute(
                f'INSERT INTO "{table}" ({columns}) OVERRIDING SYSTEM VALUE'
                f' SELECT {columns} FROM json_populate_recordset(NULL::"{table}", %s)',
                [text],
            )


def generated(cursor, table):
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attgenerated <> ''", [f'"{table}"']
    )
    return {name for (name,) in cursor.fetchall()}


# -- browser -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser():
    """Debian's chromium under Playwright, without WebGL."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: as root, apt-get install chromium fonts-noto-cjk")
    with pytest.MonkeyPatch.context() as patch, sync_api.sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in the tests' own thread
        running = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-3d-apis", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
        )
        yield running
        running.close()


@pytest.fixture
def open_page(browser):
    """Opens pages (``open_page(locale="en-US", viewport={…})``) that must stay at home and keep to their own policy.

    A request beyond this machine is not sent, and fails the test at its end, as do script errors and broken CSP.
    """
    faults = []
    contexts = []

    def open_one(**options):
        context = browser.new_context(**({"locale": "zh-CN", "viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        context.route(lambda url: not at_home(url), lambda route: (faults.append(route.request.url), route.abort()))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def page(open_page):
    """One such page, in Chinese, on a desk."""
    return open_page()


def at_home(url):
    return url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]", "data:", "blob:", "about:"))
