"""Which registered projects use a methodology, told to the library."""

from urllib.parse import urlencode

from django.urls import reverse

from tanhui.library import uses
from tanhui.registry.models import Project

LATEST = 8


@uses.register
def projects(full_code: str) -> uses.Uses:
    rows = Project.objects.filter(methodology=full_code)
    latest = rows.order_by("-number").values_list("number", "name")[:LATEST]
    return uses.Uses(
        rows.count(),
        [(name, reverse("portal:project", args=[number])) for number, name in latest],
        f"{reverse('portal:projects')}?{urlencode({'methodology': full_code})}",
    )
