"""Telling other systems: each message once or more under one id, in order while all goes well, and not for ever."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from standardwebhooks import Webhook

from tanhui import __version__
from tanhui.identity import vault
from tanhui.journal import jobs
from tanhui.journal.models import Entry, Leaf
from tanhui.kernel import clock, language
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.notices import calling, catalogue, telling
from tanhui.notices.acts import notifying
from tanhui.notices.models import Attempt, Delivery, Subscription

JOB = "notices.deliver"
BATCH = 500  # facts looked at in one transaction
LEASE = timedelta(seconds=60)  # how long a subscription is its worker's own after each message
AGAIN = [
    *(timedelta(seconds=seconds) for seconds in (5, 30)),
    *(timedelta(minutes=minutes) for minutes in (2, 10, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 16)),
]
REFUSED_OFTEN = 5  # times a message is sent that the other side itself refuses (4xx)
PAUSE_AFTER = 10  # failures in a row …
PAUSE_SPAN = timedelta(hours=12)  # … over at least so long
NOT_NOW = {408, 425, 429}  # of the 4xx: the message is all right, the moment is not
GONE = 410
KEPT = timedelta(days=30)  # deliveries that are settled
MOST_REPLAYED = 10_000

PAUSED_SUBJECT = gettext_noop("Webhook paused: %(label)s")
PAUSED_BODY = gettext_noop(
    "%(url)s has not taken a message since %(since)s (last: %(fault)s). Messages are kept. Repair it, then resume the "
    "subscription."
)


class NotActive(Refusal):
    code = "notices.subscription_not_active"
    sentence = gettext_noop("The subscription “%(label)s” sends nothing now (%(state)s). Resume it first.")
    clause = "ARCHITECTURE.md §6.3"


class TooMuchToReplay(Refusal):
    code = "notices.too_much_to_replay"
    sentence = gettext_noop("Between these times lie %(count)s messages; at most %(most)s go at once. Take less time.")
    clause = "ARCHITECTURE.md §6.8"
    status = 422


# -- making ------------------------------------------------------------------------------------------------------------


def gather(*, at: datetime) -> int:
    """Turn the log's next facts into deliveries, for each active subscription; how many were made."""
    active = Subscription.objects.filter(state__in=["ACTIVE", "PAUSED"])
    newest = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    behind = active.filter(next_index__lte=-1 if newest is None else newest)
    return sum(gather_one(key, at) for key in behind.values_list("pk", flat=True))


def gather_one(key: Any, at: datetime) -> int:
    """The next facts for one subscription: deliveries and position in one transaction."""
    made = 0
    more = True
    while more:
        with transaction.atomic():
            held = Subscription.objects.select_for_update(skip_locked=True).filter(pk=key).first()
            if held is None:
                return made
            leaves = list(
                Leaf.objects.filter(index__gte=held.next_index).select_related("entry").order_by("index")[:BATCH]
            )
            wanted = [leaf for leaf in leaves if leaf.entry.kind in held.kinds and concerns(held, leaf)]
            Delivery.objects.bulk_create(
                Delivery(
                    subscription=held,
                    kind=leaf.entry.kind,
                    index=leaf.index,
                    body=message(leaf.entry, leaf.index),
                    due_at=at,
                    at=at,
                )
                for leaf in wanted
            )
            made += len(wanted)
            more = len(leaves) == BATCH
            if leaves:
                held.next_index = leaves[-1].index + 1
                held.save(update_fields=["next_index"])
    return made


def concerns(held: Subscription, leaf: Leaf) -> bool:
    if held.scope == Subscription.Scope.ALL:
        return True
    entry = leaf.entry
    told = json.loads(bytes(entry.leaf))
    opened = (entry.private or {}).get("private", {})
    fact = telling.Fact(entry.kind, leaf.index, entry.pk, told["fact"], opened, entry.by_id, entry.at)
    return held.organisation_id in telling.concerned(fact)


def message(entry: Entry, index: int) -> str:
    """The body as Standard Webhooks has it: type, timestamp, data; in ``data`` the fact as the log published it."""
    leaf = json.loads(bytes(entry.leaf))
    return written(entry.kind, entry.at, {"index": index, "fact": leaf["fact"]})


def written(kind: str, at: datetime, data: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "timestamp": clock.for_machines(at), "data": data}, ensure_ascii=False)


@transaction.atomic
def ping(*, subscription: Subscription, at: datetime) -> Delivery:
    """Send a test message. Refuses with ``NotActive``."""
    active(subscription)
    return Delivery.objects.create(
        subscription=subscription,
        kind=catalogue.TEST,
        body=written(catalogue.TEST, at, {"subscription": str(subscription.pk)}),
        due_at=at,
        at=at,
    )


@transaction.atomic
def resend(*, delivery: Delivery, at: datetime) -> Delivery:
    """Send a message again under its own id, however it ended. Refuses with ``NotActive``."""
    active(delivery.subscription)
    held = Delivery.objects.select_for_update().get(pk=delivery.pk)
    held.state, held.tries, held.due_at = Delivery.State.WAITING, 0, at
    held.save(update_fields=["state", "tries", "due_at"])
    Subscription.objects.filter(pk=held.subscription_id).update(due_at=at)
    return held


@transaction.atomic
def replay(*, subscription: Subscription, since: datetime, until: datetime, failed_only: bool, at: datetime) -> int:
    """Send again what was made in a span of time, each under its own id; how many. Refuses with ``NotActive`` or
    ``TooMuchToReplay``."""
    active(subscription)
    rows = subscription.deliveries.filter(at__gte=since, at__lt=until).exclude(state=Delivery.State.WAITING)
    if failed_only:
        rows = rows.filter(state=Delivery.State.FAILED)
    if (count := rows.count()) > MOST_REPLAYED:
        raise TooMuchToReplay(count=count, most=MOST_REPLAYED)
    rows.update(state=Delivery.State.WAITING, tries=0, due_at=at)
    Subscription.objects.filter(pk=subscription.pk).update(due_at=at)
    return count


def active(subscription: Subscription) -> None:
    state = Subscription.objects.values_list("state", flat=True).get(pk=subscription.pk)
    if state != Subscription.State.ACTIVE:
        raise NotActive(label=subscription.label, state=state)


# -- sending -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def dispatch(*, at: datetime) -> int:
    """Give each subscription with something due to a job of its own; how many."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=at).values("subscription")
    due = Subscription.objects.filter(state=Subscription.State.ACTIVE, due_at__lte=at, pk__in=waiting)
    keys = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True))
    Subscription.objects.filter(pk__in=keys).update(due_at=at + LEASE)
    for key in keys:
        jobs.defer(JOB, subscription=str(key))
    return len(keys)


def deliver_next(*, subscription: str, at: datetime) -> bool:
    """Send the next message that is due; whether to go on with this subscription now.

    Between sending and noting a worker may die: then the message goes out again, under the same id.
    """
    held = Subscription.objects.get(pk=subscription)
    due = held.deliveries.filter(state=Delivery.State.WAITING, due_at__lte=at).order_by("due_at", "pk").first()
    if due is None or held.state != Subscription.State.ACTIVE:
        Subscription.objects.filter(pk=held.pk, failures=0).update(due_at=at)  # the lease is given back
        return False
    answer = calling.post(held.url, due.body.encode(), headers(held, due, at))
    return note(held, due, answer, at)


def headers(held: Subscription, due: Delivery, at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks; while a former secret still holds, signatures by both."""
    name = f"msg_{due.message.hex}"
    secrets = [vault.opened(held, "secret")]
    if held.former_secret and held.former_until_at and at < held.former_until_at:
        secrets.append(vault.opened(held, "former_secret"))
    stamp = at.astimezone(UTC)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Tanhui/{__version__}",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(name, stamp, due.body) for secret in secrets),
    }


@transaction.atomic
def note(held: Subscription, due: Delivery, answer: calling.Answer, at: datetime) -> bool:
    """Keep what came back, and when to try again; whether to go on with this subscription now."""
    held = Subscription.objects.select_for_update().get(pk=held.pk)
    due = Delivery.objects.select_for_update().get(pk=due.pk)
    Attempt.objects.create(
        delivery=due, status=answer.status, fault=answer.fault, answer=answer.text, milliseconds=answer.milliseconds,
        at=at,
    )  # fmt: skip
    due.tries += 1
    going_on = True
    if answer.taken:
        due.state, due.done_at = Delivery.State.DONE, at
        held.failures, held.failing_since_at, held.due_at = 0, None, at + LEASE
    else:
        held.failures += 1
        held.failing_since_at = held.failing_since_at or at
        refused = answer.status is not None and 400 <= answer.status < 500 and answer.status not in NOT_NOW
        if refused and due.tries >= REFUSED_OFTEN:
            due.state = Delivery.State.FAILED
        due.due_at = at + AGAIN[min(due.tries, len(AGAIN)) - 1]
        if refused:
            held.due_at = at + LEASE  # this message is refused; the next may be welcome
        else:
            held.due_at = at + AGAIN[min(held.failures, len(AGAIN)) - 1]
            going_on = False
        worn_out = held.failures >= PAUSE_AFTER and at - held.failing_since_at >= PAUSE_SPAN
        if answer.status == GONE or worn_out:
            give_up(held, answer, at)
            going_on = False
    due.save(update_fields=["state", "tries", "due_at", "done_at"])
    held.save(update_fields=["failures", "failing_since_at", "due_at", "state", "paused_because"])
    return going_on


def give_up(held: Subscription, answer: calling.Answer, at: datetime) -> None:
    """Pause a subscription whose other side is gone, and tell its people."""
    fault = answer.fault or f"HTTP {answer.status}"
    held.state, held.paused_because = Subscription.State.PAUSED, fault[:200]
    words = {
        "label": held.label,
        "url": held.url,
        "since": clock.for_people(held.failing_since_at or at),
        "fault": fault[:80],
    }
    notifying.notify(
        people=list(telling.holders(held.organisation_id, at=at)),
        category="OTHER",
        subject={code: language.translate(PAUSED_SUBJECT, code) % words for code, _ in settings.LANGUAGES},
        body={code: language.translate(PAUSED_BODY, code) % words for code, _ in settings.LANGUAGES},
        url=f"/webhooks/{held.pk}",
        reference=f"webhook:{held.pk}:{at:%Y%m%d%H%M%S}",
        told_of=at,
        at=at,
    )


def tidy(*, at: datetime) -> int:
    """Forget settled deliveries after a month; how many."""
    old = Delivery.objects.filter(at__lt=at - KEPT).exclude(state=Delivery.State.WAITING)
    count, _ = old.delete()
    return count
