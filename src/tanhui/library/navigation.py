from django.utils.translation import gettext_lazy as _

from tanhui.identity import navigation as people
from tanhui.library import proposals
from tanhui.ui import navigation


def signed_in(request):
    return navigation.signed_in(request)


def handles(request):
    held = people.powers(request)
    return bool(held.bodies(proposals.HANDLERS, *proposals.SIGNING)) or held.works_for(*proposals.SUPERVISORS)


def to_do(request):
    return [proposals.waiting_for(people.powers(request))]


def reviews(request):
    return [request.user.methodology_panels.all()] if signed_in(request) else False


def to_vote(request):
    return [proposals.to_vote(request.user)]


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
