"""Notices, tasks and webhooks for programs: the same as the pages, through the same doors."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from tanhui.identity import rights
from tanhui.identity.models import Person
from tanhui.notices import access, catalogue, queries, waiting
from tanhui.notices.acts import delivering, notifying, subscribing
from tanhui.notices.models import Delivery, Notice, Subscription
from tanhui.ui import paging

router = Router(tags=["通知与消息推送"])
LOOK = rights.member("notices.webhooks")
ARRANGE = rights.member("notices.arrange_webhooks", capacities=["INITIATE"])


class NoticeWindow(Schema):
    """Which part of a list."""

    cursor: str = Field("", max_length=20, description="From `next` of the page before; empty for the first page.")
    limit: int = Field(50, ge=1, le=200, description="How many at most.")


class NoticeOut(Schema):
    """Something that happened and concerns you."""

    id: int
    category: str
    subject: str
    body: str
    url: str = Field(description="A path of this site.")
    at: datetime
    read_at: datetime | None


class Notices(Schema):
    items: list[NoticeOut]
    next: str | None = Field(description="The next page's address.")


class TaskOut(Schema):
    """Something that waits for you."""

    title: str
    url: str
    since: datetime
    due: date | None
    working_days_left: int | None
    announced: bool = Field(description="Whether the working days of the years between are known.")
    organisation: str


class Tasks(Schema):
    items: list[TaskOut]


class Event(Schema):
    type: str
    name: str


class Events(Schema):
    items: list[Event]


class AskedSubscription(Schema):
    """A subscription as you want it."""

    label: str = Field(min_length=1, max_length=60)
    url: str = Field(max_length=400, description="https, reachable from the internet.")
    types: list[str] = Field(min_length=1, max_length=100, description="From the catalogue of events.")
    scope: Subscription.Scope = Field(Subscription.Scope.OWN, description="Your own matters, or all that is published.")


class AskedFor(AskedSubscription):
    organisation: str = Field(max_length=18, description="Unified social credit code of your organisation.")


class Webhook(Schema):
    id: UUID
    organisation: str
    label: str
    url: str
    types: list[str]
    scope: str
    state: str
    paused_because: str
    failures: int = Field(description="In a row.")
    waiting: int
    at: datetime


class WebhookWithSecret(Webhook):
    secret: str = Field(description="Shown this once.")


class Webhooks(Schema):
    items: list[Webhook]


class DeliveryOut(Schema):
    id: int
    webhook_id: str
    type: str
    index: int | None = Field(description="Position in the log; none for a test message.")
    state: str
    tries: int
    due_at: datetime
    at: datetime
    last_status: int | None
    last_fault: str | None


class Deliveries(Schema):
    items: list[DeliveryOut]
    next: str | None


class Span(Schema):
    """Messages made from one instant up to, but not including, another."""

    since: AwareDatetime
    until: AwareDatetime
    failed_only: bool = True


class Count(Schema):
    count: int


# -- notices -----------------------------------------------------------------------------------------------------------


@router.get("/notices", response=Notices, operation_id="listNotices", summary="我的通知")
@rights.needs(rights.person("notices.read"))
def notices(
    request: HttpRequest,
    response: HttpResponse,
    window: Annotated[NoticeWindow, Query()],
    unread: bool = False,
    category: Annotated[str, Query(max_length=11)] = "",
) -> Notices:
    """Your notices, newest first, in the language of Accept-Language."""
    page = paging.page(access.notices(caller(request), category=category, unread=unread), window.cursor, window.limit)
    return Notices(items=[notice_out(one) for one in page.rows], next=following(request, response, page))


@router.post("/notices/{int:key}/read", response=NoticeOut, operation_id="readNotice", summary="标为已读")
@rights.needs(rights.person("notices.read"))
def read(request: HttpRequest, key: int) -> NoticeOut:
    """Mark one as read; again changes nothing."""
    return notice_out(notifying.read(notice=access.notice(caller(request), key), at=timezone.now()))


@router.get("/tasks", response=Tasks, operation_id="listTasks", summary="我的待办")
@rights.needs(rights.person("notices.read"))
def tasks(request: HttpRequest) -> Tasks:
    """What waits for you, the nearest deadline first."""
    found = waiting.tasks(caller(request), at=timezone.now())
    return Tasks(
        items=[
            TaskOut(
                title=one.title, url=one.url, since=one.since, due=one.due, working_days_left=one.working_days_left,
                announced=one.announced, organisation=one.organisation,
            )
            for one in found
        ]
    )  # fmt: skip


# -- webhooks ----------------------------------------------------------------------------------------------------------


@router.get("/webhooks/events", response=Events, operation_id="listWebhookEvents", summary="事件目录")
@rights.needs(rights.PERSON)
def events(request: HttpRequest) -> Events:
    """Every type of event a webhook can be told of."""
    return Events(items=[Event(type=kind, name=gettext(name)) for kind, name in catalogue.KINDS.items()])


@router.get("/webhooks", response=Webhooks, operation_id="listWebhooks", summary="消息推送订阅列表")
@rights.needs(LOOK)
def webhooks(request: HttpRequest) -> Webhooks:
    """The subscriptions of your organisations."""
    found = access.subscriptions(caller(request), at=timezone.now())
    return Webhooks(items=[Webhook(**webhook_out(one)) for one in found])


@router.post("/webhooks", response={201: WebhookWithSecret}, operation_id="createWebhook", summary="新建订阅")
@rights.needs(ARRANGE)
def create(request: HttpRequest, body: AskedFor) -> Status[WebhookWithSecret]:
    """A new subscription; the answer has its secret, this once."""
    now = timezone.now()
    held = access.organisation_by_code(caller(request), body.organisation, at=now)
    made, secret = subscribing.subscribe(
        mandate=access.manager(caller(request), held, at=now), label=body.label, url=body.url, kinds=body.types,
        scope=body.scope, at=now,
    )  # fmt: skip
    return Status(201, WebhookWithSecret(**webhook_out(made), secret=secret))


@router.get("/webhooks/{uuid:key}", response=Webhook, operation_id="getWebhook", summary="一个订阅")
@rights.needs(LOOK)
def webhook(request: HttpRequest, key: UUID) -> Webhook:
    """One subscription."""
    return Webhook(**webhook_out(access.subscription(caller(request), key, at=timezone.now())))


@router.put("/webhooks/{uuid:key}", response=Webhook, operation_id="changeWebhook", summary="修改订阅")
@rights.needs(ARRANGE)
def change(request: HttpRequest, key: UUID, body: AskedSubscription) -> Webhook:
    """What is told, and where, as a whole."""
    now = timezone.now()
    one = access.subscription(caller(request), key, at=now)
    changed = subscribing.change(
        subscription=one, mandate=access.manager(caller(request), one.organisation, at=now), label=body.label,
        url=body.url, kinds=body.types, scope=body.scope, at=now,
    )  # fmt: skip
    return Webhook(**webhook_out(changed))


@router.delete("/webhooks/{uuid:key}", response={204: None}, operation_id="endWebhook", summary="终止订阅")
@rights.needs(ARRANGE)
def end(request: HttpRequest, key: UUID) -> Status[None]:
    """End it for good."""
    subscribing.end(**named(request, key))
    return Status(204, None)


@router.post(
    "/webhooks/{uuid:key}/secret", response=WebhookWithSecret, operation_id="renewWebhookSecret", summary="更换签名密钥"
)
@rights.needs(ARRANGE)
def rotate(request: HttpRequest, key: UUID) -> WebhookWithSecret:
    """A new secret; the former one signs too for 24 hours."""
    renewed, secret = subscribing.rotate(**named(request, key))
    return WebhookWithSecret(**webhook_out(renewed), secret=secret)


@router.post("/webhooks/{uuid:key}/pause", response=Webhook, operation_id="pauseWebhook", summary="暂停推送")
@rights.needs(ARRANGE)
def pause(request: HttpRequest, key: UUID) -> Webhook:
    """Send nothing until resumed; what happens meanwhile is kept."""
    return Webhook(**webhook_out(subscribing.pause(**named(request, key))))


@router.post("/webhooks/{uuid:key}/resume", response=Webhook, operation_id="resumeWebhook", summary="恢复推送")
@rights.needs(ARRANGE)
def resume(request: HttpRequest, key: UUID) -> Webhook:
    """Send again, beginning with what waited."""
    return Webhook(**webhook_out(subscribing.resume(**named(request, key))))


@router.post("/webhooks/{uuid:key}/test", response=DeliveryOut, operation_id="testWebhook", summary="发送测试消息")
@rights.needs(ARRANGE)
def ping(request: HttpRequest, key: UUID) -> DeliveryOut:
    """Send a test message."""
    who = named(request, key)
    return delivery_out(delivering.ping(subscription=who["subscription"], at=who["at"]))


@router.get("/webhooks/{uuid:key}/deliveries", response=Deliveries, operation_id="listDeliveries", summary="推送记录")
@rights.needs(LOOK)
def deliveries(
    request: HttpRequest,
    response: HttpResponse,
    key: UUID,
    window: Annotated[NoticeWindow, Query()],
    state: Delivery.State | None = None,
) -> Deliveries:
    """The messages of a subscription, newest first, with their last answer."""
    one = access.subscription(caller(request), key, at=timezone.now())
    page = paging.page(queries.deliveries(one, state=state or ""), window.cursor, window.limit)
    return Deliveries(items=[delivery_out(row) for row in page.rows], next=following(request, response, page))


@router.post(
    "/webhooks/{uuid:key}/deliveries/{int:number}/resend", response=DeliveryOut, operation_id="resendDelivery",
    summary="重发一条消息",
)  # fmt: skip
@rights.needs(ARRANGE)
def resend(request: HttpRequest, key: UUID, number: int) -> DeliveryOut:
    """Send one message again under its own id."""
    who = named(request, key)
    row = access.delivery(caller(request), key, number, at=who["at"])
    return delivery_out(delivering.resend(delivery=row, at=who["at"]))


@router.post(
    "/webhooks/{uuid:key}/replay", response=Count, operation_id="replayDeliveries", summary="重发一段时间的消息"
)
@rights.needs(ARRANGE)
def replay(request: HttpRequest, key: UUID, body: Span) -> Count:
    """Send again what was made in a span of time, each under its own id."""
    who = named(request, key)
    count = delivering.replay(
        subscription=who["subscription"], since=body.since, until=body.until, failed_only=body.failed_only, at=who["at"]
    )
    return Count(count=count)


# -- shared ------------------------------------------------------------------------------------------------------------


def caller(request: HttpRequest) -> Person:
    person: Person = request.auth  # type: ignore[attr-defined]
    return person


def named(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """A subscription with the caller's mandate to arrange it, as the acts take them."""
    now = timezone.now()
    one = access.subscription(caller(request), key, at=now)
    return {"subscription": one, "mandate": access.manager(caller(request), one.organisation, at=now), "at": now}


def following(request: HttpRequest, response: HttpResponse, page: paging.Page[Any]) -> str | None:
    """The next page's address, also in the ``Link`` header."""
    if not page.older:
        return None
    parameters = request.GET.copy()
    parameters["cursor"] = page.older
    address = f"{request.path}?{parameters.urlencode()}"
    response["Link"] = f'<{address}>; rel="next"'
    return address


def notice_out(one: Notice) -> NoticeOut:
    return NoticeOut(
        id=one.pk, category=one.category, subject=one.said("subject"), body=one.said("body"), url=one.url, at=one.at,
        read_at=one.read_at,
    )  # fmt: skip


def webhook_out(one: Subscription) -> dict[str, Any]:
    return {
        "id": one.pk, "organisation": one.organisation.uscc, "label": one.label, "url": one.url, "types": one.kinds,
        "scope": one.scope, "state": one.state, "paused_because": one.paused_because, "failures": one.failures,
        "waiting": one.deliveries.filter(state=Delivery.State.WAITING).count(), "at": one.at,
    }  # fmt: skip


def delivery_out(row: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=row.pk, webhook_id=f"msg_{row.message.hex}", type=row.kind, index=row.index, state=row.state,
        tries=row.tries, due_at=row.due_at, at=row.at, last_status=getattr(row, "last_status", None),
        last_fault=getattr(row, "last_fault", None),
    )  # fmt: skip
