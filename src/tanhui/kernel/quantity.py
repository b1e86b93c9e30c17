"""Whole numbers of kilograms and grams of CO₂e, of tonnes, and of fen. The unit is in the name, never in a type.

Nothing here rounds in silence: what is not a whole number is refused, and the one place where kilograms become tonnes
says what happens to the rest.
"""

import re
from typing import NamedTuple

from tanhui.kernel import typed
from tanhui.kernel.refusal import Refusal, gettext_noop

KG_PER_TONNE = 1000
GRAMS_PER_KG = 1000
FEN_PER_YUAN = 100
MOST = 2**53 - 1  # beyond it a JSON reader may lose the last digits


class NotWhole(Refusal):
    code = "kernel.not_whole"
    sentence = gettext_noop(
        "“%(given)s” is not a whole number. Write digits only, without sign, point, separator or unit, and at "
        "most %(most)s."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十二条"
    status = 422


class NotPositive(Refusal):
    code = "kernel.not_positive"
    sentence = gettext_noop("The quantity is %(given)s, and it must be at least 1.")
    clause = "ARCHITECTURE.md §6.1"
    status = 422


class Negative(Refusal):
    code = "kernel.negative"
    sentence = gettext_noop("The quantity is %(given)s, and it must not be below zero.")
    clause = "ARCHITECTURE.md §6.1"
    status = 422


class NotMoney(Refusal):
    code = "kernel.not_money"
    sentence = gettext_noop("“%(given)s” is not an amount in yuan. Write digits, at most two of them behind the point.")
    clause = "ARCHITECTURE.md §5"
    status = 422


class Floored(NamedTuple):
    """Whole tonnes, and the kilograms below one tonne that are left over and cannot be traded."""

    tonnes: int
    residual_kg: int


def whole(given: object) -> int:
    """A whole number of whatever unit from what a person or a program gave: an ``int`` or a text of digits.

    Full-width digits and blanks around are forgiven. Refuses with ``NotWhole``: signs, points, thousands separators,
    units, ``True``, and any float, even 3.0, since a float has already lost what it stood for.
    """
    if type(given) is int and 0 <= given <= MOST:
        return given
    if type(given) is int and given < 0:
        raise Negative(given=given)
    if isinstance(given, str):
        plain = typed.plain(given)
        if re.fullmatch("-[0-9]{1,16}", plain):
            raise Negative(given=int(plain))
        if re.fullmatch("[0-9]{1,16}", plain) and int(plain) <= MOST:
            return int(plain)
    raise NotWhole(given=str(given)[:40], most=MOST)


def positive(given: object) -> int:
    """As ``whole``, and at least 1. Refuses with ``NotPositive`` or as ``whole`` does."""
    if (number := whole(given)) < 1:
        raise NotPositive(given=number)
    return number


def tonnes_from_kg(kg: int) -> Floored:
    """Whole tonnes, floored, and the kilograms left over. Refuses a quantity below zero with ``Negative``.

    A unit is one whole tonne of CO₂e (温室气体自愿减排交易管理办法（试行） article 22); what is below a tonne is never
    rounded up, since reductions are estimated so as not to be overstated (article 48), and stays with the project as a
    residual that cannot be traded.
    """
    return Floored(*divmod(whole(kg), KG_PER_TONNE))


def kg_from_tonnes(tonnes: int) -> int:
    return whole(whole(tonnes) * KG_PER_TONNE)


def kg_from_grams(grams: int) -> tuple[int, int]:
    """Whole kilograms, floored, and the grams left over."""
    return divmod(whole(grams), GRAMS_PER_KG)


def fen_from_yuan(given: str) -> int:
    """Fen from an amount typed in yuan: ``"12.5"`` is 1250. Refuses with ``NotMoney``."""
    plain = typed.plain(given)
    if not re.fullmatch(r"[0-9]{1,13}(\.[0-9]{1,2})?", plain):
        raise NotMoney(given=given[:40])
    yuan, _, rest = plain.partition(".")
    return int(yuan) * FEN_PER_YUAN + int(rest.ljust(2, "0"))


def yuan_from_fen(fen: int) -> str:
    """An amount as it is printed: 1250 is ``"12.50"``."""
    sign, amount = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{amount // FEN_PER_YUAN}.{amount % FEN_PER_YUAN:02}"
