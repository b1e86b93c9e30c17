"""The paper of a voucher: a code to type, and a signed line in its QR that can be checked without a network.

The line reads ``TH1.<code>.<last day>.<points>.<signature>``; what is signed is all before the last dot, under a prefix
of its own, by the key of the log (Ed25519, RFC 8032). It says what was sold and until when; whether it was used since,
only the register knows.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import date

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import note

PREFIX = b"tanhui voucher v1\n"
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 O 1 I: read out at a counter
LENGTH = 12


class VoucherForged(Refusal):
    code = "inclusion.voucher_forged"
    sentence = gettext_noop(
        "This is not a voucher of ours, or it was changed. Do not accept it; type its code instead."
    )
    clause = "RFC 8032"
    status = 422


@dataclass(frozen=True, slots=True)
class Line:
    """What a voucher's QR says."""

    code: str
    last_day: date
    points: int


def new_code() -> str:
    """Twelve letters and digits, 60 bits that nobody guesses."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(typed: str) -> str:
    """A code as somebody types it: small letters, blanks and dashes do not matter."""
    return "".join(one for one in typed.upper() if one in ALPHABET)[:LENGTH]


def in_groups(code: str) -> str:
    """As people read it: ``ABCD-EFGH-JKLM``."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def line(said: Line, signer: note.Signer) -> str:
    """The signed line of a voucher's QR."""
    text = f"TH1.{said.code}.{said.last_day:%Y%m%d}.{said.points}"
    return f"{text}.{base64.urlsafe_b64encode(signer.sign(PREFIX + text.encode())).rstrip(b'=').decode()}"


def check(text: str, key: note.Verifier) -> Line:
    """What a line says, once its signature holds. Refuses with ``VoucherForged``; needs no network."""
    try:
        signed, _, signature = text.strip().rpartition(".")
        kind, code, day, points = signed.split(".")
        data = base64.b64decode(signature + "=" * (-len(signature) % 4), altchars=b"-_", validate=True)
        found = Line(code, date.fromisoformat(day), int(points))
        good = kind == "TH1" and read_code(code) == code and key.holds(data, PREFIX + signed.encode())
    except (ValueError, binascii.Error):
        good = False
    if not good:
        raise VoucherForged
    return found
