"""The receipt of a data batch: every row that was not simply accepted, with its reason."""

from django.http import JsonResponse
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
        return JsonResponse(receipts.receipt(one), json_dumps_params={"ensure_ascii": False})
    rows = receipts.rows(one)
    if asked in downloads.MEDIA_TYPES:
        head = ["row", "key", "result", "code", "detail"]
        return downloads.table(f"receipt-{one.pk}", asked, head, [[each[name] for name in head] for each in rows])
    return render(request, "inclusion/provider/batch.html", {
        "batch": one, "rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "reasons": receipts.reasons(one),
        "desk": access.at_desk(request.user, at=timezone.now()),
    })  # fmt: skip
