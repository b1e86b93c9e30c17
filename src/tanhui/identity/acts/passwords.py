"""Passwords: that one was changed is a fact; what it is, is not."""

from datetime import datetime, timedelta

from django.conf import settings

from tanhui.identity.models import Person
from tanhui.journal.models import Entry
from tanhui.journal.record import record

KIND = "identity.password_changed"


def changed(*, person: Person, at: datetime) -> None:
    """Tell the journal that a person has a new password."""
    record(kind=KIND, fact={}, private={"person": person.pk}, at=at, by=person.pk)


def old(person: Person, *, at: datetime) -> bool:
    """Whether the person should be reminded to change it (``TANHUI_PASSWORD_DAYS``)."""
    if not settings.TANHUI_PASSWORD_DAYS or not person.has_usable_password():
        return False
    last = Entry.objects.filter(by=person.pk, kind=KIND).order_by("-pk").values_list("at", flat=True).first()
    return at - (last or person.joined_at) > timedelta(days=settings.TANHUI_PASSWORD_DAYS)
