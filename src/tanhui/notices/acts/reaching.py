"""How a person wishes to be reached outside the site."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tanhui.identity.models import Person
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.notices.models import Category, Preference, Reach

MOBILE = re.compile(r"1[3-9][0-9]{9}")


class MobileUnusable(Refusal):
    code = "notices.mobile_unusable"
    sentence = gettext_noop(
        "“%(given)s” is no mobile number of the Chinese mainland. Give its 11 digits, without +86 or blanks."
    )
    clause = "《电信网编号计划（2017年版）》"
    status = 422


@transaction.atomic
def prefer(*, person: Person, wishes: Mapping[str, tuple[str, bool]], mobile: str, at: datetime) -> None:
    """Keep what reaches a person: for each category when an e-mail goes out and whether a text message does.

    What lies in the mailbox already goes as it was meant to. An empty ``mobile`` forgets the number. Refuses with
    ``MobileUnusable``.
    """
    if mobile and not MOBILE.fullmatch(mobile):
        raise MobileUnusable(given=mobile[:20])
    for category, (email, sms) in wishes.items():
        if category not in Category.values or email not in Preference.Email.values:
            raise ValueError(f"{category}: {email} is no wish")
        Preference.objects.update_or_create(person=person, category=category, defaults={"email": email, "sms": sms})
    reach = Reach.objects.filter(person=person).first() or Reach(person=person)
    reach.mobile = mobile or b""
    reach.save()
