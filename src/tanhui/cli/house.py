"""Opens the house for a command: database running, Django ready. Imported inside the commands that need it."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def opened() -> Iterator[None]:
    """The database reachable and Django set up while the block runs.

    The embedded PostgreSQL is started if it does not run, and stopped again unless somebody else uses it.
    """
    from tanhui.site import environment, postgres

    server = postgres.using(environment.var()) if environment.embedded() else contextlib.nullcontext("")
    with server:
        set_up()
        yield


def set_up() -> None:
    """Django ready, speaking the language of the command line."""
    import django
    from django.utils import translation

    from tanhui.cli import say

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.site.settings")
    django.setup()
    translation.activate(say.spoken())
