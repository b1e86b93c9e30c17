from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tanhui.identity import rights
from tanhui.notices import access, forms, queries, waiting
from tanhui.notices.acts import notifying
from tanhui.ui import paging


@rights.needs(rights.PERSON)
@require_GET
def notices(request):
    """What waits for the visitor, then what they were told; the filter stands in the address."""
    category, unread = request.GET.get("category", ""), request.GET.get("state") == "unread"
    rows = access.notices(request.user, category=category, unread=unread)
    page = paging.page(rows, request.GET.get("before", ""))
    by_category = queries.unread_by_category(request.user)
    return render(
        request,
        "notices/notices.html",
        {
            "tasks": waiting.tasks(request.user, at=timezone.now()),
            "member": access.works_somewhere(request.user, at=timezone.now()),
            "page": page,
            "newest": page.rows[0].pk if page.rows and not page.newer else None,
            "filter": forms.Filter(request.GET, unread=by_category),
            "filtered": bool(category or unread),
            "total": sum(by_category.values()),
        },
    )


@rights.needs(rights.PERSON)
@require_GET
def notice(request, key):
    """One notice by its own address, as e-mails link to it."""
    return render(request, "notices/notice.html", {"notice": access.notice(request.user, key)})


@rights.needs(rights.PERSON)
@require_POST
def read(request, key):
    """Mark as read and go where the notice points."""
    found = notifying.read(notice=access.notice(request.user, key), at=timezone.now())
    return redirect(found.url if request.POST.get("then") == "open" else "notices:notices")


@rights.needs(rights.PERSON)
@require_POST
def read_all(request):
    newest = request.POST.get("newest", "")
    if newest.isascii() and newest.isdigit() and len(newest) < 19:
        count = notifying.read_all(person=request.user, up_to=int(newest), at=timezone.now())
        said = ngettext("%(count)s notice is marked as read.", "%(count)s notices are marked as read.", count)
        messages.success(request, said % {"count": count} if count else _("Nothing was unread."))
    return redirect("notices:notices")
