"""Where this operator's log lies and which key signs it."""

import os
import secrets
from functools import cache
from pathlib import Path

from django.conf import settings

from tanhui.journal.models import Checkpoint
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import checkpoint, note, store, tiles


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


class RootDiffers(Refusal):
    code = "journal.root_differs"
    sentence = gettext_noop(
        "What the database holds does not give the root that was signed for %(size)s leaves: a stored row was altered "
        "afterwards. Nothing more is signed. Find the row with the self-audit and restore it from a backup."
    )
    clause = "ARCHITECTURE.md §7"
    status = 500


def folder() -> Path:
    """The folder of tiles that anyone may mirror."""
    return Path(settings.TANHUI_VAR) / "log"


def published() -> int:
    """How many leaves the folder holds, as its checkpoint says."""
    path = folder() / tiles.CHECKPOINT
    return checkpoint.parse(note.parse(path.read_text()).text).size if path.exists() else 0


def signer() -> note.Signer:
    """The log's key. It is made once, with the first log; a log that has lost its key is refused, not re-keyed."""
    path = Path(settings.TANHUI_SECRETS) / "log_key"
    return read_key(path)


@cache
def read_key(path: Path) -> note.Signer:
    if path.exists():
        return note.Signer.parse(path.read_text())
    if (folder() / tiles.CHECKPOINT).exists() or Checkpoint.objects.exists():
        raise LogKeyMissing(path=path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{note.Signer.generate(settings.TANHUI_LOG_ORIGIN)}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # whole or not at all, and of two that start at once the first one's stays
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return note.Signer.parse(path.read_text())


def open_store() -> store.Store:
    """The writer of the log's folder."""
    return store.Store(folder(), [signer()])
