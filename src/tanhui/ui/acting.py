"""Who has just done something sees it at once: for some seconds nothing of theirs is shown as it was before."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

SECONDS = 5
COOKIE = "acted"
SAFE = {"GET", "HEAD", "OPTIONS"}


class Acting:
    """Marks whoever sent something, so that the next pages are reckoned anew, whichever process answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in SAFE and "Authorization" not in request.headers:
            response.set_cookie(
                COOKIE, "1", max_age=2 * SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
            )
        return response


def lately(request: HttpRequest) -> bool:
    """Whether the visitor has just done something."""
    return COOKIE in request.COOKIES
