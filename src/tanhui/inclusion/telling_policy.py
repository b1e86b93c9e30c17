"""What green records tell whom; and what of them, of regions, apps and pools waits for a second signature."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import powers
from tanhui.identity.acts import apps
from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.identity.powers import Powers
from tanhui.inclusion.acts import crediting, issuing, pooling, recognising
from tanhui.inclusion.models import CreditConsent, CreditUse
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, concerns, holders, tell


def use(fact: Fact) -> CreditUse:
    """The use a record is for."""
    found: CreditConsent = fact.once(
        "consent", lambda: CreditConsent.objects.select_related("use").get(pk=fact.private["consent"])
    )
    return found.use


def recipients(fact: Fact) -> Iterable[Person]:
    """Those who may fetch for the recipient, where it is an organisation here."""
    return holders(use(fact).uscc, at=fact.at, capacities=["INITIATE"])


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


# -- what waits --------------------------------------------------------------------------------------------------------

SIGNED = {  # what was asked for: its title, and where it is signed
    crediting.USE: (gettext_noop("Sign an evaluation that may ask for green records"), "inclusion:desk_credit"),
    crediting.AGREE: (gettext_noop("Sign the consent to a green record"), "inclusion:credit_own"),
    recognising.REGION: (gettext_noop("Sign the agreement with a region"), "inclusion:desk_regions"),
    recognising.MAPPING: (gettext_noop("Sign what counts as what in another region"), "inclusion:desk_regions"),
    apps.ACT: (gettext_noop("Sign the registration of an outside app"), "inclusion:desk_apps"),
    pooling.ACT: (gettext_noop("Sign the gathering of a pool"), "inclusion:pooling"),
    pooling.EARN: (gettext_noop("Sign what the units of a pool earned"), "inclusion:pooling"),
    issuing.ACT: (gettext_noop("Sign the issuance of a pool’s units"), "inclusion:pooling"),
}


def to_sign(held: Powers) -> QuerySet[Instruction]:
    """What a colleague asked for, for whoever may confirm there."""
    return powers.to_confirm(held, SIGNED)


def tasks(held: Powers) -> list[waiting.Task]:
    """A second signature under each."""
    return [
        waiting.Task(
            title=_(SIGNED[one.act][0]), url=reverse(SIGNED[one.act][1]), since=one.at,
            organisation=one.organisation.name,
        )
        for one in to_sign(held).select_related("organisation")
    ]  # fmt: skip


waiting.register(tasks, rows=lambda held: [to_sign(held)])
