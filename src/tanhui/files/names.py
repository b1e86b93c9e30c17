"""File names as people gave them, as far as a name can be kept; none of them is ever a path here."""

import unicodedata

from tanhui.kernel.refusal import Refusal, gettext_noop

MOST_BYTES = 255  # what common file systems hold, in UTF-8
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, marks that turn or hide text, half characters


class NameHidden(Refusal):
    code = "files.name_hidden"
    sentence = gettext_noop(
        "The file name “%(name)s” holds a character that cannot be seen (%(sign)s). "
        "Rename the file and choose it again."
    )
    clause = "RFC 6266 §4.3"
    status = 422


class NameTooLong(Refusal):
    code = "files.name_too_long"
    sentence = gettext_noop(
        "The file name “%(name)s…” is %(bytes)s bytes long; %(most)s are kept. Rename the file and choose it again."
    )
    clause = "RFC 6266 §4.3"
    status = 422


class NameEmpty(Refusal):
    code = "files.name_empty"
    sentence = gettext_noop("The file has no name. Give it one and choose it again.")
    clause = "RFC 6266 §4.3"
    status = 422


def clean(given: str) -> str:
    """The last part of a name, as it is. Refuses with ``NameHidden``, ``NameTooLong``, ``NameEmpty``."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2].strip(" ")
    shown = "".join(sign for sign in name if unicodedata.category(sign) not in HIDDEN)[:40]
    for sign in name:
        if unicodedata.category(sign) in HIDDEN:
            raise NameHidden(name=shown, sign=f"U+{ord(sign):04X}")
    if not name.strip("."):
        raise NameEmpty
    if len(name.encode()) > MOST_BYTES:
        raise NameTooLong(name=shown, bytes=len(name.encode()), most=MOST_BYTES)
    return name
