"""What green records and regions tell whom."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from tanhui.identity.models import Organisation, Person
from tanhui.inclusion.models import CreditConsent, CreditUse
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices.telling import Fact, concerns, holders, tell


def use(fact: Fact) -> CreditUse:
    """The use a record is for."""
    found: CreditConsent = fact.once(
        "consent", lambda: CreditConsent.objects.select_related("use").get(pk=fact.private["consent"])
    )
    return found.use


def recipients(fact: Fact) -> Iterable[Person]:
    """Those who sign for the recipient, where it is an organisation here."""
    return holders(use(fact).uscc, at=fact.at)


def page(fact: Fact) -> str:
    return reverse("inclusion:credit_received")


def about(fact: Fact) -> Mapping[str, Any]:
    return {"record": fact.fact["record"], "use": use(fact).title}


tell(
    "inclusion.credit_recorded", recipients=recipients, url=page, words=about,
    subject=gettext_noop("A green record for you: %(record)s"),
    body=gettext_noop(
        "%(record)s was drawn up for “%(use)s”. Fetch it while the consent to it stands; its subject sees each fetch."
    ),
)  # fmt: skip
concerns("inclusion.credit_recorded", lambda fact: organisations(use(fact).uscc))


def organisations(uscc: str) -> list[int]:
    return list(Organisation.objects.filter(uscc=uscc).values_list("pk", flat=True))
