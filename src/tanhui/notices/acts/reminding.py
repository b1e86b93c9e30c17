"""Reminding people of what runs out: a mandate, thirty days and seven days before its end."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from tanhui.identity import access, roster
from tanhui.identity.models import Mandate, Person
from tanhui.kernel import clock, language
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices.acts import notifying
from tanhui.notices.models import Category

DAYS = (30, 7)
SUBJECT = gettext_noop("A mandate of %(name)s for %(organisation)s ends on %(until)s")
BODY = gettext_noop("Have it renewed in time; without it instructions can no longer be given or confirmed.")


def mandates(*, at: datetime) -> int:
    """Tell the holder of each mandate that soon ends, and who manages the organisation, once for each of ``DAYS``.

    Returns how many notices are new (rules A-07: expiry reminders).
    """
    made = 0
    for days in DAYS:
        for one in roster.mandates_ending(at, within_days=days):
            made += len(remind(one, days, at))
    return made


def remind(one: Mandate, days: int, at: datetime) -> list[object]:
    organisation = one.membership.organisation
    facts = {
        "name": one.membership.person.name, "organisation": organisation.name,
        "until": clock.day(access.ended(one)).isoformat(),
    }  # fmt: skip
    managers = roster.standing(at).filter(membership__organisation=organisation, capacity=Mandate.Capacity.MANAGE)
    people = {one.membership.person, *Person.objects.filter(memberships__mandates__in=managers)}
    codes = [code for code, _ in settings.LANGUAGES]
    return list(
        notifying.notify(
            people=sorted(people, key=lambda person: person.pk), category=Category.PEOPLE,
            subject={code: language.translate(SUBJECT, code) % facts for code in codes},
            body={code: language.translate(BODY, code) for code in codes},
            url=reverse("identity:organisation", args=[organisation.uscc]), reference=f"mandate:{one.pk}:{days}",
            told_of=at, at=at,
        )
    )  # fmt: skip
