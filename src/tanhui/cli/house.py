"""Opens the house for a command: database running, Django ready. Imported inside the commands that need it."""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import TypeVar

Found = TypeVar("Found")


@contextlib.contextmanager
def opened() -> Iterator[None]:
    """The database reachable and Django set up while the block runs.

    The embedded PostgreSQL is started if it does not run, and stopped again unless somebody else uses it.
    """
    with database():
        set_up()
        yield


@contextlib.contextmanager
def database() -> Iterator[None]:
    """The database reachable while the block runs, and nothing else."""
    from tanhui.site import environment, postgres

    with postgres.using(environment.var()) if environment.embedded() else contextlib.nullcontext(""):
        yield


def set_up() -> None:
    """Django ready, speaking the language of the command line."""
    import django
    from django.utils import translation

    from tanhui.cli import say

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.site.settings")
    django.setup()
    translation.activate(say.spoken())


def aside(work: Callable[[], Found]) -> Found:
    """What ``work`` finds with Django set up, in a process of its own that ends with it.

    Who only watches others run need not hold the product in its own memory for months. Ends this command too, with
    the same exit code, where the work was refused: the process has said why.
    """
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    process = fork.Process(target=_answer, args=(work, there))
    process.start()
    there.close()
    try:
        found: Found = here.recv()
    except EOFError:
        process.join()
        raise SystemExit(process.exitcode or 1) from None
    finally:
        here.close()
    process.join()
    return found


def _answer(work: Callable[[], Found], there: Connection) -> None:
    from tanhui.cli import main
    from tanhui.site import supervisor

    def answer() -> int:
        set_up()
        there.send(work())
        return 0

    supervisor.end_with_parent()
    signal.signal(signal.SIGTERM, main.interrupt)
    raise SystemExit(main.answered(answer))
