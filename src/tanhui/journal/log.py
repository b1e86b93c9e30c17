"""Where this operator's log lies and which key signs it."""

import os
from functools import cache
from pathlib import Path

from django.conf import settings

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import note, store


class LogKeyMissing(Refusal):
    code = "journal.log_key_missing"
    sentence = gettext_noop(
        "The key of the transparency log is not at %(path)s. Restore it from the safe; a log never changes its key "
        "silently."
    )
    clause = "ARCHITECTURE.md §7"
    status = 500


class LogAhead(Refusal):
    code = "journal.log_ahead"
    sentence = gettext_noop(
        "The published log in %(path)s has %(size)s leaves the database does not know: the database is older than what "
        "was published. Restore a newer backup; what was published and signed cannot be taken back."
    )
    clause = "ARCHITECTURE.md §7"
    status = 500


def folder() -> Path:
    """The folder of tiles that anyone may mirror."""
    return Path(settings.TANHUI_VAR) / "log"


def signer() -> note.Signer:
    """The log's key. It is made once, with the first log; a log that has lost its key is refused, not re-keyed."""
    path = Path(settings.TANHUI_SECRETS) / "log_key"
    return read_key(path)


@cache
def read_key(path: Path) -> note.Signer:
    if path.exists():
        return note.Signer.parse(path.read_text())
    if (folder() / "checkpoint").exists():
        raise LogKeyMissing(path=path)
    made = note.Signer.generate(settings.TANHUI_LOG_ORIGIN)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was faster
        return note.Signer.parse(path.read_text())
    with os.fdopen(handle, "w") as file:
        file.write(f"{made}\n")
        file.flush()
        os.fsync(file.fileno())
    return made


def open_store() -> store.Store:
    """The writer of the log's folder."""
    return store.Store(folder(), [signer()])
