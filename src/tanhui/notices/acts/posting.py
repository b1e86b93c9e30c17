"""Sending letters: at least once each, again later when the other side is away, and not for ever."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction

from tanhui.identity import vault
from tanhui.journal import jobs
from tanhui.notices import outside
from tanhui.notices.models import Channel, Letter, Reach

JOB = "notices.post"
AT_ONCE = 50  # letters of one job
LEASE = timedelta(minutes=10)  # how long they are its own: after that, whoever took them is taken to be dead
AGAIN = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6)]
log = logging.getLogger("tanhui.notices")


@transaction.atomic
def dispatch(*, at: datetime) -> int:
    """Give the letters that are due to a job; how many."""
    due = Letter.objects.filter(state=Letter.State.WAITING, due_at__lte=at).select_for_update(skip_locked=True)
    keys = list(due.order_by("due_at", "notice__person", "pk").values_list("pk", flat=True)[:AT_ONCE])
    if keys:
        Letter.objects.filter(pk__in=keys).update(due_at=at + LEASE)
        jobs.defer(JOB, letters=",".join(map(str, keys)))
    return len(keys)


def post(*, letters: Sequence[int], at: datetime) -> int:
    """Send letters that still wait; how many were sent. One day's letters to one person are one e-mail."""
    waiting = Letter.objects.filter(pk__in=letters, state=Letter.State.WAITING).select_related("notice__person")
    sent = 0
    for _, some in groupby(waiting.order_by("notice__person", "channel", "pk"), key=envelope):
        together = list(some)
        try:
            send(together)
        except Exception as fault:  # whatever it is, the next letter must not wait for it
            log.warning("letter=%s channel=%s not sent: %s", together[0].pk, together[0].channel, type(fault).__name__)
            put_off(together, fault, at)
        else:
            keys = [one.pk for one in together]
            Letter.objects.filter(pk__in=keys).update(state=Letter.State.SENT, sent_at=at, fault="")
            sent += len(together)
    return sent


def envelope(one: Letter) -> tuple[int, str, int]:
    """What goes into one envelope has this in common."""
    return (one.notice.person_id, one.channel, 0 if one.daily else one.pk)


def send(together: Sequence[Letter]) -> None:
    first, notices = together[0], [one.notice for one in together]
    person = first.notice.person
    reach = Reach.objects.filter(person=person).first()
    language = reach.language if reach else settings.LANGUAGE_CODE
    reference = f"letter-{first.pk}"
    if first.channel == Channel.SMS:
        number = vault.opened(reach, "mobile") if reach and reach.mobile else ""
        if not number:
            raise LookupError("no mobile number any more")
        said = outside.text(notices, language=language)
        outside.text_messages().send(number=number, text=said, reference=reference)
        return
    if not person.email:
        raise LookupError("no e-mail address any more")
    message = outside.mail(person, notices, language=language, reference=reference)
    message.connection = get_connection()
    message.send()


def put_off(together: Sequence[Letter], fault: Exception, at: datetime) -> None:
    """Try again later, or give up after the last time."""
    for one in together:
        one.tries += 1
        one.fault = f"{type(fault).__name__}: {fault}".replace("\x00", "")[:200]
        if one.tries > len(AGAIN) or isinstance(fault, LookupError):
            one.state = Letter.State.FAILED
        else:
            one.due_at = at + AGAIN[one.tries - 1]
        one.save(update_fields=["tries", "fault", "state", "due_at"])
