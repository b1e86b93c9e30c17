"""``/healthz``: this process answers. ``/readyz``: it could serve people now, and if not, why."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tanhui.identity import rights
from tanhui.site import startup
from tanhui.site.startup import ENGLISH


@rights.needs(rights.PUBLIC)
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@rights.needs(rights.PUBLIC)
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 and ``{"ready": true}``, or 503 with the code and sentence of everything that stands in the way."""
    faults = startup.faults()
    said = [{"code": fault.code, "sentence": fault.say(ENGLISH)} for fault in faults]
    return JsonResponse({"ready": not faults, "faults": said}, status=503 if faults else 200)
