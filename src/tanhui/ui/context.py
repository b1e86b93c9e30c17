"""What the page frame needs on every page (a Django context processor: ``tanhui.ui.context.frame``)."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy

from tanhui.ui import navigation

OPERATOR = {"name": "", "sponsor": "", "icp": "", "police": "", "site_code": "", "contact": ""}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Operator, mode, navigation and the visitor's reading preferences.

    ``TANHUI_OPERATOR`` may give ``name`` (of the site), ``sponsor`` (主办单位), ``icp`` (ICP备案号), ``police``
    (公安备案号), ``site_code`` (网站标识码) and ``contact``; what is empty is not shown.
    """
    operator = OPERATOR | dict(getattr(settings, "TANHUI_OPERATOR", {}))
    return {
        "operator": operator,
        "brand": operator["name"] or gettext_lazy("Carbon sink registry"),
        "demonstration": getattr(settings, "TANHUI_MODE", "") == "demonstration",
        "navigation": SimpleLazyObject(lambda: navigation.menu(request)),
        "navigation_said": SimpleLazyObject(lambda: navigation.said(request)),
        "theme": request.COOKIES.get("theme") if request.COOKIES.get("theme") in {"light", "dark"} else "",
        "text_is_large": request.COOKIES.get("text") == "large",
    }
