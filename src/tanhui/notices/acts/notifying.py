"""Telling people: one notice for each recipient of a fact, and a letter for each way they wish to be reached."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation

from tanhui.identity.models import Person
from tanhui.journal import following
from tanhui.journal.models import Leaf
from tanhui.kernel import clock, language
from tanhui.notices import telling
from tanhui.notices.models import Channel, Letter, Notice, Preference, Reach

DAY = timedelta(days=1)
DIGEST_HOUR = 8  # in Shanghai: what is mailed once a day
LONGEST = {"subject": 200, "body": 1000}


def follow(*, at: datetime, most: int = 500) -> following.Progress:
    """Turn the log's next facts into notices; the follower's position moves in each fact's own transaction."""
    return following.follow(
        name=telling.FOLLOWER, handle=lambda index, leaf: take_in(index, leaf, at), at=at, most=most
    )


def retry(*, at: datetime) -> following.Progress:
    """Try again the facts that were set aside."""
    return following.retry(name=telling.FOLLOWER, handle=lambda index, leaf: take_in(index, leaf, at), at=at)


def take_in(index: int, leaf: dict[str, Any], at: datetime) -> None:
    if leaf["kind"] not in telling.kinds():
        return
    entry = Leaf.objects.select_related("entry").get(index=index).entry
    opened = (entry.private or {}).get("private", {})
    fact = telling.Fact(leaf["kind"], index, entry.pk, leaf["fact"], opened, entry.by_id, entry.at)
    if addresses := telling.settled(fact):
        Notice.objects.filter(url__in=addresses, read_at__isnull=True).update(read_at=at)
    for one in telling.of(fact.kind):
        if not (people := list(one.recipients(fact))):
            continue
        subject, body = said(one, fact)
        notify(
            people=people, category=one.category, subject=subject, body=body, url=one.url(fact),
            reference=f"log:{index}:{one.name}", told_of=fact.at, at=at,
        )  # fmt: skip


def said(one: telling.Telling, fact: telling.Fact) -> tuple[dict[str, str], dict[str, str]]:
    """Subject and body in every language of the site."""
    subject, body = {}, {}
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            words = one.words(fact)
        subject[code] = language.translate(one.subject, code) % words
        body[code] = language.translate(one.body, code) % words
    return subject, body


@transaction.atomic
def notify(
    *,
    people: list[Person],
    category: str,
    subject: Mapping[str, str],
    body: Mapping[str, str],
    url: str,
    reference: str,
    told_of: datetime,
    at: datetime,
) -> list[Notice]:
    """Tell people something, each once per ``reference``; returns the notices that are new.

    ``subject`` and ``body`` by language code; ``url`` is a path of this site; ``told_of`` is when it happened. For what
    is no fact of the log: a deadline that comes near, a mandate that runs out.
    """
    known = set(Notice.objects.filter(reference=reference, person__in=people).values_list("person", flat=True))
    fresh = {
        person.pk: Notice(
            person=person,
            reference=reference,
            category=category,
            subject={code: text[: LONGEST["subject"]] for code, text in subject.items()},
            body={code: text[: LONGEST["body"]] for code, text in body.items()},
            url=url[:200],
            at=told_of,
        )
        for person in people
        if person.pk not in known
    }
    made = Notice.objects.bulk_create(list(fresh.values()))
    Letter.objects.bulk_create(letters(made, category, at))
    return made


def letters(made: list[Notice], category: str, at: datetime) -> list[Letter]:
    """What goes out for these notices, as each person wishes."""
    chosen = {
        one.person_id: one
        for one in Preference.objects.filter(person__in=[notice.person_id for notice in made], category=category)
    }
    mobiles = set(
        Reach.objects.filter(person__in=[notice.person_id for notice in made])
        .exclude(mobile=b"")
        .values_list("person", flat=True)
    )
    found = []
    for notice in made:
        wish = chosen.get(notice.person_id)
        email = wish.email if wish else Preference.Email.AT_ONCE
        if email != Preference.Email.NEVER and notice.person.email:
            daily = email == Preference.Email.DAILY
            due_at = next_digest(at) if daily else at
            found.append(Letter(notice=notice, channel=Channel.EMAIL, daily=daily, due_at=due_at))
        if wish and wish.sms and notice.person_id in mobiles:
            found.append(Letter(notice=notice, channel=Channel.SMS, due_at=at))
    return found


def next_digest(at: datetime) -> datetime:
    """The next time the daily mail leaves."""
    today = clock.midnight_after(clock.day(at)) - DAY + timedelta(hours=DIGEST_HOUR)
    return today if at < today else today + DAY


def read(*, notice: Notice, at: datetime) -> Notice:
    """Mark a notice as read; reading it again changes nothing."""
    Notice.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=at)
    notice.refresh_from_db(fields=["read_at"])
    return notice


def read_all(*, person: Person, up_to: int, at: datetime) -> int:
    """Mark as read what the person had been shown: every notice up to a number; returns how many."""
    return Notice.objects.filter(person=person, pk__lte=up_to, read_at__isnull=True).update(read_at=at)
