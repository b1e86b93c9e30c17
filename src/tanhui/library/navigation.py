from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanhui.library import proposals
from tanhui.ui import navigation


def signed_in(request):
    return navigation.signed_in(request)


def handles(request):
    if not signed_in(request):
        return False
    if not hasattr(request, "library_desk"):
        now = timezone.now()
        request.library_desk = bool(proposals.bodies(request.user, at=now)) or proposals.supervises(
            request.user, at=now
        )
    return request.library_desk


def to_do(request):
    return proposals.waiting_for(request.user, at=timezone.now()).count()


def reviews(request):
    return signed_in(request) and request.user.methodology_panels.exists()


def to_vote(request):
    return proposals.to_vote(request.user).count()


navigation.register(
    navigation.Entry("library:methodologies", _("Methodologies"), 22),
    navigation.Entry(
        "library:desk", _("Methodology proposals"), 67, shown=handles, waiting=to_do, mine=True,
        heading=navigation.STAFF,
    ),
    navigation.Entry(
        "library:reviews", _("Expert reviews"), 68, shown=reviews, waiting=to_vote, mine=True, heading=navigation.STAFF
    ),
    navigation.Entry(
        "library:mine", _("My methodology proposals"), 72, shown=signed_in, mine=True, heading=navigation.ACCOUNT
    ),
)  # fmt: skip
