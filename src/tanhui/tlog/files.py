"""Files a person names on the command line, read and written with refusals in words."""

from pathlib import Path

from tanhui.kernel.refusal import Refusal, gettext_noop


class FileUnreadable(Refusal):
    code = "tlog.file_unreadable"
    sentence = gettext_noop("%(path)s cannot be read (%(cause)s). Check the name.")
    clause = "ARCHITECTURE.md §7"
    status = 404


class FileUnwritable(Refusal):
    code = "tlog.file_unwritable"
    sentence = gettext_noop("%(path)s cannot be written (%(cause)s). Name another place.")
    clause = "ARCHITECTURE.md §7"
    status = 422


def read(path: Path) -> bytes:
    """The bytes of a file. Refuses with ``FileUnreadable``."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path=path, cause=error.strerror) from error
    except ValueError as error:  # a name with a NUL
        raise FileUnreadable(path=repr(str(path)), cause=error) from error


def write(path: Path, data: bytes) -> None:
    """Put bytes into a file. Refuses with ``FileUnwritable``."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise FileUnwritable(path=path, cause=error.strerror) from error
    except ValueError as error:
        raise FileUnwritable(path=repr(str(path)), cause=error) from error
