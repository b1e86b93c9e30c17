"""Codes sent to a mobile number: whoever types one in reads what is sent there."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from tanhui.identity import vault
from tanhui.inclusion import holders, numbers
from tanhui.inclusion.models import PhoneCode
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.notices import outside
from tanhui.notices.acts import reaching

BETWEEN = timedelta(minutes=1)
CLAUSE = "GB/T 22239-2019 8.1.4.1"


class TooManyCodes(Refusal):
    code = "inclusion.too_many_codes"
    sentence = gettext_noop(
        "Codes were asked for too often for this number. Wait a minute; at most %(most)s are sent a day."
    )
    clause = CLAUSE
    status = 429


class CodeWrong(Refusal):
    code = "inclusion.code_wrong"
    sentence = gettext_noop(
        "The code is wrong or no longer holds. Look at the latest message, or have another code sent."
    )
    clause = CLAUSE
    status = 422


@dataclass(frozen=True, slots=True)
class Sent:
    """A code on its way. ``shown`` is the code itself: only a demonstration shows it."""

    row: PhoneCode
    shown: str


def send(*, purpose: str, phone: str, at: datetime, carries: str = "") -> Sent:
    """Send a code of six digits to a mobile number. Refuses with ``reaching.MobileUnusable`` or ``TooManyCodes``."""
    if not reaching.MOBILE.fullmatch(phone):
        raise reaching.MobileUnusable(given=phone[:20])
    today = clock.day(at)
    index, most = holders.phone_index(phone), numbers.whole("phone_codes_a_day", today)
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        sent = PhoneCode.objects.filter(phone_index=index, at__gt=at - timedelta(days=1))
        if sent.count() >= most or sent.filter(at__gt=at - BETWEEN).exists():
            raise TooManyCodes(most=most)
        row = PhoneCode(purpose=purpose, phone=phone, phone_index=index, code_sha256=b"", at=at)
        row.code_sha256 = hashed(row.pk, code)
        row.carries = carries or None
        row.expires_at = at + timedelta(minutes=numbers.whole("phone_code_minutes", today))
        row.save()
    with translation.override(translation.get_language() or "zh-hans"):
        text = gettext("Your code is %(code)s. Nobody of ours ever asks you for it.") % {"code": code}
    outside.text_messages().send(number=phone, text=text, reference=row.pk.hex)
    return Sent(row, code)


def use(*, key: UUID, purpose: str, code: str, at: datetime) -> PhoneCode:
    """The code's row, once, if ``code`` is what was sent. Refuses with ``CodeWrong``; each wrong one is counted."""
    with transaction.atomic():
        row = PhoneCode.objects.select_for_update().filter(pk=key, purpose=purpose).first()
        good = row is not None and row.used_at is None and row.expires_at > at
        if row is not None and good:
            row.tries += 1
            good = row.tries <= numbers.whole("phone_code_tries", clock.day(at)) and hmac.compare_digest(
                hashed(row.pk, code), bytes(row.code_sha256)
            )
            row.used_at = at if good else None
            row.save(update_fields=["tries", "used_at"])
    if row is None or not good:
        raise CodeWrong
    return row


def number(row: PhoneCode) -> str:
    return vault.opened(row, "phone")


def carried(row: PhoneCode) -> str:
    return vault.opened(row, "carries") if row.carries else ""


def forget(*, at: datetime) -> int:
    """Forget the codes of yesterday and before; returns how many."""
    gone: tuple[int, Any] = PhoneCode.objects.filter(at__lt=at - timedelta(days=2)).delete()
    return gone[0]


def hashed(key: UUID, code: str) -> bytes:
    return hashlib.sha256(key.bytes + code.encode("utf-8", "replace")).digest()
