"""The receipt of a data batch: every row that was not simply accepted, with its reason."""

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.inclusion import access_scenarios as access
from tanhui.inclusion import receipts
from tanhui.ui import downloads

SHOWN = 200  # rows on the page; all of them in the files


@rights.needs(rights.member("inclusion.batch"))
@require_GET
def batch(request, key):
    """The receipt; as CSV, XLSX or JSON with every row where asked."""
    one = access.batch(request.user, key, at=timezone.now())
    asked = request.GET.get("format", "")
    if asked == "json":
        return StreamingHttpResponse(receipts.written(one), content_type="application/json")
    if asked in downloads.MEDIA_TYPES:
        head = ["row", "key", "result", "code", "detail"]
        return downloads.table(f"receipt-{one.pk}", asked, head, told(one, head))
    return render(request, "inclusion/provider/batch.html", {
        "batch": one, "rows": list(receipts.rows(one, SHOWN)), "more": max(0, receipts.listed(one) - SHOWN),
        "reasons": receipts.reasons(one),
        "desk": access.at_desk(request.user, at=timezone.now()),
    })  # fmt: skip


def told(one, head):
    for each in receipts.rows(one):
        yield [each[name] for name in head]
