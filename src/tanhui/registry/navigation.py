from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanhui.identity import navigation as people
from tanhui.registry import openings, queries
from tanhui.ui import navigation


def waiting(request):
    return [queries.waiting(request.user, at=timezone.now())]


def reviewing(request):
    """The visitor's mandates to review."""
    return people.powers(request).mandates_of(openings.REVIEWERS, *openings.SIGNING)


def reviews(request):
    return bool(reviewing(request))


def supervises(request):
    return any(openings.of_role(one, "REG") for one in reviewing(request))


def to_review(request):
    return [openings.for_desk(request.user, reviewing(request), at=timezone.now())]


navigation.register(
    navigation.Entry(
        "registry:mine", _("My account"), 50, shown=navigation.signed_in, mine=True, heading=navigation.ACCOUNT
    ),
    navigation.Entry(
        "registry:instructions",
        _("Instructions"),
        60,
        shown=navigation.signed_in,
        waiting=waiting,
        mine=True,
        heading=navigation.ACCOUNT,
    ),
    navigation.Entry(
        "registry:opening_desk",
        _("Account applications"),
        65,
        shown=reviews,
        waiting=to_review,
        mine=True,
        heading=navigation.STAFF,
    ),
    navigation.Entry("registry:supervision", _("Accounts"), 66, shown=supervises, mine=True, heading=navigation.STAFF),
    navigation.Entry(
        "registry:openings",
        _("Opening an account"),
        70,
        shown=navigation.signed_in,
        mine=True,
        heading=navigation.ACCOUNT,
    ),
)
