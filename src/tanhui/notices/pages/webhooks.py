import functools
import json

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.notices import access, catalogue, forms, queries
from tanhui.notices.acts import delivering, subscribing
from tanhui.ui import paging, refusals

LOOK = rights.member("notices.webhooks")
ARRANGE = rights.member("notices.arrange_webhooks", capacities=["INITIATE"])
FIELDS = {
    "notices.url_unusable": "url",
    "notices.host_unknown": "url",
    "notices.host_inside": "url",
    "notices.kinds_unknown": "kinds",
    "notices.label_unusable": "label",
}


def told(view):
    """Tell a colleague who may look but not arrange, instead of failing."""

    @functools.wraps(view)
    def telling(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return render(request, "notices/refused.html", {"refusal": refusal}, status=refusal.status)

    return telling


@rights.needs(LOOK)
@require_GET
def webhooks(request):
    now = timezone.now()
    return render(
        request,
        "notices/webhooks.html",
        {
            "subscriptions": access.subscriptions(request.user, at=now),
            "managed": access.managed(request.user, at=now),
            "kinds": [(kind, _(name)) for kind, name in catalogue.KINDS.items()],
        },
    )


@rights.needs(ARRANGE)
@told
@never_cache
@require_http_methods(["GET", "POST"])
def new(request, organisation):
    """A new subscription. Its secret is in the answer itself, once, and nowhere else."""
    now = timezone.now()
    held = access.organisation(request.user, organisation, at=now)
    mandate = access.manager(request.user, held, at=now)
    form, status = forms.Address(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made, secret = subscribing.subscribe(mandate=mandate, at=now, **form.cleaned_data)
                return render(request, "notices/secret.html", {"one": made, "secret": secret}, status=201)
            except Refusal as refusal:
                status = refusals.show(form, refusal, FIELDS)
    return render(request, "notices/webhook_form.html", {"form": form, "organisation": held}, status=status)


@rights.needs(LOOK)
@require_GET
def webhook(request, key):
    now = timezone.now()
    one = access.subscription(request.user, key, at=now)
    form = forms.Deliveries(request.GET, kinds=[*one.kinds, catalogue.TEST])
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = queries.deliveries(one, state=wanted.get("state", ""), kind=wanted.get("kind", ""))
    page = paging.page(rows, request.GET.get("before", ""))
    for row in page.rows:
        row.name = _(catalogue.name(row.kind))
    return render(
        request,
        "notices/webhook.html",
        {
            "one": one,
            "page": page,
            "filter": form,
            "filtered": any(wanted.values()),
            "replay": forms.Replay(),
            "may": one.organisation in access.managed(request.user, at=now),
            "names": [(kind, _(catalogue.name(kind))) for kind in one.kinds],
        },
    )


@rights.needs(ARRANGE)
@told
@require_http_methods(["GET", "POST"])
def change(request, key):
    now = timezone.now()
    one = access.subscription(request.user, key, at=now)
    mandate = access.manager(request.user, one.organisation, at=now)
    form, status = forms.Address(request.POST if request.method == "POST" else None, subscription=one), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                subscribing.change(subscription=one, mandate=mandate, at=now, **form.cleaned_data)
            except Refusal as refusal:
                status = refusals.show(form, refusal, FIELDS)
            else:
                messages.success(request, _("Saved."))
                return redirect("notices:webhook", key)
    words = {"form": form, "one": one, "organisation": one.organisation}
    return render(request, "notices/webhook_form.html", words, status=status)


@rights.needs(ARRANGE)
@told
@never_cache
@require_POST
def do(request, key):
    """What the buttons of a subscription do: test, pause, resume, renew the secret, end."""
    now = timezone.now()
    one = access.subscription(request.user, key, at=now)
    mandate = access.manager(request.user, one.organisation, at=now)
    named = {"subscription": one, "mandate": mandate, "at": now}
    try:
        match request.POST.get("act"):
            case "ping":
                delivering.ping(subscription=one, at=now)
                messages.success(request, _("The test message is on its way. Look below for the answer."))
            case "pause":
                subscribing.pause(**named)
                messages.success(request, _("Paused. What happens meanwhile is kept."))
            case "resume":
                subscribing.resume(**named)
                messages.success(request, _("Resumed. What waited is sent first."))
            case "rotate":
                renewed, secret = subscribing.rotate(**named)
                return render(request, "notices/secret.html", {"one": renewed, "secret": secret, "renewed": True})
            case "end":
                subscribing.end(**named)
                messages.success(request, _("Ended."))
                return redirect("notices:webhooks")
            case _:
                raise Http404
    except Refusal as refusal:
        messages.error(request, refusals.say(refusal))
    return redirect("notices:webhook", key)


@rights.needs(ARRANGE)
@told
@require_POST
def replay(request, key):
    """Send a span of messages again."""
    now = timezone.now()
    one = access.subscription(request.user, key, at=now)
    access.manager(request.user, one.organisation, at=now)
    form = forms.Replay(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give two days, the first one first."))
        return redirect("notices:webhook", key)
    since, until = form.span()
    try:
        count = delivering.replay(
            subscription=one, since=since, until=until, failed_only=form.cleaned_data["failed_only"], at=now
        )
    except Refusal as refusal:
        messages.error(request, refusals.say(refusal))
    else:
        said = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
        messages.success(request, said % {"count": count})
    return redirect("notices:webhook", key)


@rights.needs(LOOK)
@require_GET
def delivery(request, key, number):
    now = timezone.now()
    row = access.delivery(request.user, key, number, at=now)
    return render(
        request,
        "notices/delivery.html",
        {
            "row": row,
            "one": row.subscription,
            "name": _(catalogue.name(row.kind)),
            "body": json.dumps(json.loads(row.body), ensure_ascii=False, indent=2),
            "attempts": row.attempts.order_by("-pk"),
            "may": row.subscription.organisation in access.managed(request.user, at=now),
        },
    )


@rights.needs(ARRANGE)
@told
@require_POST
def resend(request, key, number):
    now = timezone.now()
    row = access.delivery(request.user, key, number, at=now)
    access.manager(request.user, row.subscription.organisation, at=now)
    try:
        delivering.resend(delivery=row, at=now)
        messages.success(request, _("It is sent again, under the same id."))
    except Refusal as refusal:
        messages.error(request, refusals.say(refusal))
    return redirect("notices:delivery", key, number)
