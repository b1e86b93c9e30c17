"""The codes by which organisations and people are known: 统一社会信用代码 and 公民身份号码.

Every function gives the code back normalised and says, when it refuses, which part is wrong. A refusal about a citizen
never repeats the number, since refusals are shown and logged.
"""

import re
from datetime import date

from tanhui.kernel import divisions, typed
from tanhui.kernel.refusal import Refusal, gettext_noop

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z: they look like digits or each other
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # 3^i mod 31
BODY_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_CHECKS = "10X98765432"
CENTRAL = "10"  # 100000 stands for bodies registered with a central authority
RESIDENCE_PERMITS = {"81", "82", "83"}  # residents from Hong Kong, Macao and Taiwan


class UsccShapeWrong(Refusal):
    code = "kernel.uscc_shape_wrong"
    sentence = gettext_noop(
        "“%(given)s” is not a unified social credit code: it needs 18 digits and capital letters, never I, O, S, V or "
        "Z, with digits in places 3 to 8. Copy it from the certificate."
    )
    clause = "GB 32100-2015"
    status = 422


class UsccAreaWrong(Refusal):
    code = "kernel.uscc_area_wrong"
    sentence = gettext_noop(
        "Places 3 to 8 of “%(given)s” (%(area)s) are not an administrative division. Copy the code from the "
        "certificate."
    )
    clause = "GB 32100-2015; GB/T 2260"
    status = 422


class UsccBodyWrong(Refusal):
    code = "kernel.uscc_body_wrong"
    sentence = gettext_noop(
        "The organisation code inside “%(given)s” (places 9 to 17) has a wrong check character. Copy the code from the "
        "certificate."
    )
    clause = "GB 11714-1997"
    status = 422


class UsccCheckWrong(Refusal):
    code = "kernel.uscc_check_wrong"
    sentence = gettext_noop("The last character of “%(given)s” does not match. Copy the code from the certificate.")
    clause = "GB 32100-2015"
    status = 422


class CitizenShapeWrong(Refusal):
    code = "kernel.citizen_shape_wrong"
    sentence = gettext_noop(
        "This is not a citizen identity number: it needs 17 digits and a last character that is a digit or X. Copy it "
        "from the card."
    )
    clause = "GB 11643-1999"
    status = 422


class CitizenAreaWrong(Refusal):
    code = "kernel.citizen_area_wrong"
    sentence = gettext_noop("The identity number does not begin with a known area. Copy it from the card.")
    clause = "GB 11643-1999; GB/T 2260"
    status = 422


class CitizenBirthWrong(Refusal):
    code = "kernel.citizen_birth_wrong"
    sentence = gettext_noop(
        "The date of birth in the identity number never was or is still to come. Copy it from the card."
    )
    clause = "GB 11643-1999"
    status = 422


class CitizenCheckWrong(Refusal):
    code = "kernel.citizen_check_wrong"
    sentence = gettext_noop("The last character of the identity number does not match. Copy it from the card.")
    clause = "GB 11643-1999"
    status = 422


def plain(given: str) -> str:
    """Capitals without blanks and hyphens, full-width characters made plain."""
    return re.sub(r"[\s-]+", "", typed.plain(given)).upper()


def uscc(given: str) -> str:
    """A unified social credit code, normalised. Refuses with ``UsccShapeWrong``, ``UsccAreaWrong``, ``UsccBodyWrong``
    or ``UsccCheckWrong``. GB 32100-2015; the organisation part by GB 11714-1997."""
    code = plain(given)
    if not re.fullmatch(f"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}", code):
        raise UsccShapeWrong(given=given[:40])
    if code[2:4] not in divisions.PROVINCES and code[2:4] != CENTRAL:
        raise UsccAreaWrong(given=code, area=code[2:8])
    if uscc_check(code[:17]) != code[17]:
        raise UsccCheckWrong(given=code)
    if body_check(code[8:16]) != code[16]:
        raise UsccBodyWrong(given=code)
    return code


def uscc_check(body: str) -> str:
    """The 18th character of a unified social credit code from the 17 before it."""
    weighted = sum(USCC_ALPHABET.index(c) * weight for c, weight in zip(body, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-weighted % 31]


def body_check(body: str) -> str:
    """The ninth character of an organisation code from the eight before it (GB 11714-1997)."""
    weighted = sum(BODY_ALPHABET.index(c) * weight for c, weight in zip(body, BODY_WEIGHTS, strict=True))
    return "0123456789X"[-weighted % 11]


def citizen(given: str, *, on: date | None = None) -> str:
    """A citizen identity number, normalised; with ``on``, the birth is not after that day.

    Also the numbers of residence permits of people from Hong Kong, Macao and Taiwan (81, 82, 83), and of permanent
    residence cards of foreigners (9, the region in two digits, the country in three). Refuses with
    ``CitizenShapeWrong``, ``CitizenAreaWrong``, ``CitizenBirthWrong`` or ``CitizenCheckWrong``. GB 11643-1999.
    """
    number = plain(given)
    if not re.fullmatch("[1-9][0-9]{16}[0-9X]", number):
        raise CitizenShapeWrong
    area = number[1:3] if number[0] == "9" else number[:2]
    if area not in divisions.PROVINCES and number[:2] not in RESIDENCE_PERMITS:
        raise CitizenAreaWrong
    try:
        born = birth(number)
    except ValueError:
        raise CitizenBirthWrong from None
    if born.year < 1900 or (on is not None and born > on):
        raise CitizenBirthWrong
    if citizen_check(number[:17]) != number[17]:
        raise CitizenCheckWrong
    return number


def citizen_check(body: str) -> str:
    """The 18th character of an identity number from the 17 digits before it (ISO 7064 MOD 11-2)."""
    return CITIZEN_CHECKS[sum(int(c) * weight for c, weight in zip(body, CITIZEN_WEIGHTS, strict=True)) % 11]


def birth(number: str) -> date:
    """The date of birth in a normalised identity number."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def masked(number: str) -> str:
    """An identity number as it may be shown: area and last four, no birth."""
    return f"{number[:6]}********{number[-4:]}"
