"""What stands between a checkout and serving it: tables and grants in step, words compiled, files collected."""

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection, connections

from tanhui.site import environment, grants, startup, translations

UNUSED = ["*.map", "redoc*", "django_htmx"]  # of the packages' files; compressing them would take most of the time


def prepare() -> None:
    """Everything but the tables; quick when nothing changed."""
    translations.bring_up_to_date()
    collect()


def migrate(*, verbosity: int = 1) -> None:
    """Bring the tables in step and give the web role its grants, connected as the role that owns them."""
    web_role = connection.settings_dict["USER"]
    as_web = dict(connection.settings_dict)
    connections.close_all()
    connection.settings_dict.update(environment.django_database(environment.owner_url()))
    try:
        call_command("migrate", interactive=False, verbosity=verbosity)
        grants.give(web_role)
    finally:
        connections.close_all()
        connection.settings_dict.update(as_web)


def bring_up_to_date() -> bool:
    """Migrate where migrations are pending; whether any were."""
    if pending := startup.migrations():
        migrate(verbosity=0)
    return bool(pending)


def collect() -> bool:
    """Collect static files where any changed since; whether any did."""
    stamp, now = settings.STATIC_ROOT / "collected.sha256", signature()
    if stamp.exists() and stamp.read_text() == now:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=UNUSED)
    draft = stamp.with_suffix(f".{os.getpid()}")
    draft.write_text(now)
    draft.replace(stamp)
    return True


def signature() -> str:
    """A digest over name, size and time of every static file."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in finder.list(UNUSED):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
