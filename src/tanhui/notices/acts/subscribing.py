"""Arranging what an organisation's own systems are told: one representative may, for nothing of value moves."""

import base64
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.identity import vault
from tanhui.identity.models import Mandate
from tanhui.journal.models import Leaf
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.notices import calling, catalogue
from tanhui.notices.models import Subscription

MOST = 10  # of one organisation
OVERLAP = timedelta(hours=24)  # how long the former secret signs beside the new one


class KindsUnknown(Refusal):
    code = "notices.kinds_unknown"
    sentence = gettext_noop("There is no kind of event called %(kinds)s. Choose from the catalogue, at least one.")
    clause = "Standard Webhooks 1.0"
    status = 422


class TooManySubscriptions(Refusal):
    code = "notices.too_many_subscriptions"
    sentence = gettext_noop("%(organisation)s has %(most)s subscriptions already. End one first.")
    clause = "ARCHITECTURE.md §2"


class LabelUnusable(Refusal):
    code = "notices.label_unusable"
    sentence = gettext_noop(
        "Give the subscription a name of 1 to 60 characters, so that colleagues know what it is for."
    )
    clause = "ARCHITECTURE.md §2"
    status = 422


class SubscriptionEnded(Refusal):
    code = "notices.subscription_ended"
    sentence = gettext_noop("The subscription “%(label)s” has ended and stays so. Make a new one.")
    clause = "ARCHITECTURE.md §6.5"


def fresh_secret() -> str:
    """A signing secret as Standard Webhooks writes it: 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@transaction.atomic
def subscribe(
    *, mandate: Mandate, label: str, url: str, kinds: Sequence[str], scope: str, at: datetime
) -> tuple[Subscription, str]:
    """Have facts told to an address, from the log's next one on; returns the secret too, which is shown this once.

    Refuses with ``LabelUnusable``, ``KindsUnknown``, ``TooManySubscriptions`` or what ``calling.place`` refuses with.
    """
    organisation = mandate.membership.organisation
    check(label=label, url=url, kinds=kinds)
    type(organisation).objects.select_for_update().get(pk=organisation.pk)
    if organisation.subscriptions.exclude(state=Subscription.State.ENDED).count() >= MOST:
        raise TooManySubscriptions(organisation=organisation.name, most=MOST)
    newest = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    secret = fresh_secret()
    made = Subscription(
        id=uuid.uuid4(),
        organisation=organisation,
        label=label.strip(),
        url=url,
        kinds=sorted(set(kinds)),
        scope=Subscription.Scope(scope),
        secret=secret,
        next_index=0 if newest is None else newest + 1,
        due_at=at,
        by=mandate.membership.person,
        at=at,
    )
    made.save(force_insert=True)
    tell(made, "made", mandate, at)
    return made, secret


def check(*, label: str, url: str, kinds: Sequence[str]) -> None:
    if not 1 <= len(label.strip()) <= 60 or not label.isprintable():
        raise LabelUnusable
    unknown = sorted(set(kinds) - set(catalogue.KINDS))
    if unknown or not kinds:
        raise KindsUnknown(kinds=", ".join(unknown)[:200] or "–")
    calling.place(url)


@transaction.atomic
def change(
    *,
    subscription: Subscription,
    mandate: Mandate,
    label: str,
    url: str,
    kinds: Sequence[str],
    scope: str,
    at: datetime,
) -> Subscription:
    """Change what is told, or where. Refuses as ``subscribe`` does, and with ``SubscriptionEnded``."""
    check(label=label, url=url, kinds=kinds)
    held = locked(subscription)
    held.label, held.url, held.kinds = label.strip(), url, sorted(set(kinds))
    held.scope = Subscription.Scope(scope)
    held.save(update_fields=["label", "url", "kinds", "scope"])
    tell(held, "changed", mandate, at)
    return held


@transaction.atomic
def rotate(*, subscription: Subscription, mandate: Mandate, at: datetime) -> tuple[Subscription, str]:
    """A new secret, shown this once; for a day the former one signs too, so that the other side can change over."""
    held = locked(subscription)
    secret = fresh_secret()
    held.former_secret = vault.opened(held, "secret")
    held.former_until_at, held.secret = at + OVERLAP, secret
    held.save(update_fields=["secret", "former_secret", "former_until_at"])
    tell(held, "secret renewed", mandate, at)
    return held, secret


@transaction.atomic
def pause(*, subscription: Subscription, mandate: Mandate, at: datetime) -> Subscription:
    """Send nothing until resumed; what happens meanwhile is kept and sent then."""
    held = locked(subscription)
    if held.state == Subscription.State.ACTIVE:
        held.state, held.paused_because = Subscription.State.PAUSED, ""
        held.save(update_fields=["state", "paused_because"])
        tell(held, "paused", mandate, at)
    return held


@transaction.atomic
def resume(*, subscription: Subscription, mandate: Mandate, at: datetime) -> Subscription:
    """Send again, beginning with what waited."""
    held = locked(subscription)
    if held.state == Subscription.State.PAUSED:
        held.state, held.paused_because = Subscription.State.ACTIVE, ""
        held.failures, held.failing_since_at, held.due_at = 0, None, at
        held.save(update_fields=["state", "paused_because", "failures", "failing_since_at", "due_at"])
        held.deliveries.filter(state="WAITING").update(due_at=at)
        tell(held, "resumed", mandate, at)
    return held


@transaction.atomic
def end(*, subscription: Subscription, mandate: Mandate, at: datetime) -> Subscription:
    """End a subscription for good; its secrets are forgotten and what waited is not sent."""
    held = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if held.state != Subscription.State.ENDED:
        held.state, held.secret, held.former_secret = Subscription.State.ENDED, b"", b""
        held.save(update_fields=["state", "secret", "former_secret"])
        held.deliveries.filter(state="WAITING").update(state="FAILED")
        tell(held, "ended", mandate, at)
    return held


def locked(subscription: Subscription) -> Subscription:
    held = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if held.state == Subscription.State.ENDED:
        raise SubscriptionEnded(label=held.label)
    return held


def tell(held: Subscription, change: str, mandate: Mandate, at: datetime) -> None:
    private: dict[str, Any] = {
        "subscription": str(held.pk),
        "organisation": mandate.membership.organisation.uscc,
        "url": held.url,
        "change": change,
    }
    record(kind="notices.subscription", fact={}, private=private, at=at, by=mandate.membership.person_id)
