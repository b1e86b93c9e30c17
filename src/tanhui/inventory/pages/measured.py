"""How the models fare beside flux towers, soil chambers and the years of a product."""

from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.inventory import measured
from tanhui.nep import validation


@rights.needs(rights.PUBLIC)
@require_GET
def models(request):
    """The comparison with measurements; as data with ``format=json``."""
    if request.GET.get("format") == "json":
        answer = JsonResponse(dict(validation.reference()), json_dumps_params={"ensure_ascii": False, "indent": 1})
        answer["Content-Disposition"] = 'attachment; filename="validation.json"'
        return answer
    return render(request, "inventory/models.html", {"found": measured.comparison(get_language() or "zh-hans")})
