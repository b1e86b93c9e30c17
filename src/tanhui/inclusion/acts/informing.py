"""Residents are told what concerns their account, in words that lead nobody else to it.

A notice names a person and a fact names an account: were both kept with the same reference, whoever reads the database
could join the two without the vault. So this is no telling of the log; a follower of its own writes notices whose
reference is a keyed hash, whose moment is a day, and which lead to the account's first page and say no more than that.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse

from tanhui.identity import vault
from tanhui.identity.models import Person
from tanhui.inclusion import holders
from tanhui.inclusion.models import Suspicion
from tanhui.journal import following
from tanhui.journal.models import Leaf
from tanhui.kernel import clock, language
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices.acts import notifying
from tanhui.notices.models import Category

FOLLOWER = "inclusion.people"
STALE = timedelta(days=7)  # nobody is told of what was long ago
BEFORE, TRIES = timedelta(days=30), 3  # points run out on New Year's Day; a worker that rests a day misses nobody
PARTS = 24  # of the people with points that run out, one each hour

Private = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a kind of fact, and to the holders of which accounts."""

    accounts: Callable[[Private], Iterable[int]]
    subject: str
    body: str


def its(private: Private) -> Iterable[int]:
    return [private["account"]]


def held_back(private: Private) -> Iterable[int]:
    """Of whom the settlement of a day holds something back."""
    waiting = Suspicion.objects.filter(settlement=private.get("settlement"), state=Suspicion.State.WAITING)
    return waiting.order_by("account").values_list("account", flat=True).distinct()


HEARD = {
    "inclusion.objection_answered": Words(
        its, gettext_noop("What you said about your carbon account was answered"),
        gettext_noop("The answer stands with the day it is about."),
    ),
    "inclusion.day_settled": Words(
        held_back, gettext_noop("A behaviour of yours waits for a decision"),
        gettext_noop("A published rule holds it back. Your account says which one; there you can say what happened."),
    ),
    "inclusion.suspicion_decided": Words(
        its, gettext_noop("A behaviour of yours that was held back is decided"),
        gettext_noop(
            "Your account says what was decided and why. Where it does not count you can ask once that somebody else "
            "looks at it."
        ),
    ),
    "inclusion.deduction_asked": Words(
        its, gettext_noop("Somebody asks that points be taken from you"),
        gettext_noop("Your account gives the reason. Nothing is taken before a second person has decided."),
    ),
    "inclusion.deduction_decided": Words(
        its, gettext_noop("A deduction of your points is decided"), gettext_noop("Your account says how and why."),
    ),
    "inclusion.guardian_agreed": Words(
        its, gettext_noop("Your guardian agreed: your carbon account is open"),
        gettext_noop("Choose the scenarios that are to count."),
    ),
}  # fmt: skip
RUNS_OUT = gettext_noop("%(points)s of your points run out soon")
USE_THEM = gettext_noop("They are good before %(day)s. Use them for a reward, or give them to the public good.")


def follow(*, at: datetime, most: int = 500) -> following.Progress:
    """Tell of the log's next facts; the follower's position moves in each fact's own transaction."""
    return following.follow(name=FOLLOWER, handle=lambda index, leaf: hear(index, leaf, at), at=at, most=most)


def retry(*, at: datetime) -> following.Progress:
    """Try again the facts that were set aside."""
    return following.retry(name=FOLLOWER, handle=lambda index, leaf: hear(index, leaf, at), at=at)


def hear(index: int, leaf: dict[str, Any], at: datetime) -> None:
    if (words := HEARD.get(leaf["kind"])) is None:
        return
    entry = Leaf.objects.select_related("entry").get(index=index).entry
    if entry.at < at - STALE:
        return
    for account in words.accounts((entry.private or {}).get("private", {})):
        inform(account, f"{index}", words.subject, words.body, {}, at)


def inform(account: int, about: str, subject: str, body: str, facts: Mapping[str, Any], at: datetime) -> bool:
    """Tell the holder of an account, once for ``about``; whether there is one to be told."""
    who: Person | None = holders.person_of(account)
    if who is None:
        return False
    codes = [code for code, _ in settings.LANGUAGES]
    notifying.notify(
        people=[who], category=Category.OTHER,
        subject={code: language.translate(subject, code) % facts for code in codes},
        body={code: language.translate(body, code) % facts for code in codes}, url=reverse("inclusion:carbon"),
        reference=f"carbon:{vault.index('inclusion.notice', f'{account}:{about}').hex()[:40]}",
        told_of=clock.midnight_after(clock.day(at) - timedelta(days=1)), at=at,
    )  # fmt: skip
    return True


def remind_of_points(*, at: datetime) -> int:
    """Tell whose points run out within ``BEFORE``, once; each hour another part of the people. How many were told."""
    today = clock.day(at)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, expires_on, granted - used FROM inclusion_purse"
            " WHERE used < granted AND expires_on > %s AND expires_on <= %s AND account_id %% %s = %s"
            " ORDER BY expires_on, account_id",
            [today + BEFORE - timedelta(days=TRIES), today + BEFORE, PARTS, at.hour],
        )
        rows = cursor.fetchall()
    return sum(
        inform(account, f"points {ends}", RUNS_OUT, USE_THEM, {"points": f"{many:,}", "day": ends.isoformat()}, at)
        for account, ends, many in rows
    )
