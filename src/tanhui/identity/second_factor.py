"""Who must show a second factor: who signs for an organisation or holds a staff duty (GB/T 22239-2019 8.1.4.1 d)."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q

from tanhui.identity.models import Duty, Mandate, Person
from tanhui.kernel.refusal import Refusal, gettext_noop


class Missing(Refusal):
    code = "identity.second_factor_missing"
    sentence = gettext_noop(
        "Whoever signs for an organisation needs a second factor. Set one up under “Sign-in and security” first."
    )
    clause = "GB/T 22239-2019 8.1.4.1 d"
    status = 403


REAL = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]  # recovery codes only stand in for one of these


def missing(person: Person, *, at: datetime) -> bool:
    """Whether the person must set up a second factor before doing anything else."""
    return settings.TANHUI_SECOND_FACTOR == "required" and signs(person, at=at) and not has(person)


def has(person: Person) -> bool:
    return bool(Authenticator.objects.filter(user=person, type__in=REAL).exists())


def signs(person: Person, *, at: datetime) -> bool:
    """Whether the person may move something: by a mandate to initiate or confirm, or by a staff duty."""
    open_still = Q(until_at__isnull=True) | Q(until_at__gt=at)
    mandates = Mandate.objects.filter(
        open_still, membership__person=person, capacity__in=["INITIATE", "CONFIRM"], since_at__lte=at
    )
    duties = Duty.objects.filter(open_still, person=person, since_at__lte=at)
    return mandates.exists() or duties.exists()
