"""What the room has in the header of every page."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanhui.identity import roster
from tanhui.projects import access_field, access_technology, access_uniqueness, roles
from tanhui.projects.queries import pool, shares
from tanhui.ui import navigation


def in_the_field(request):
    """Whoever may see the field work of a project, or keeps a device."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "in_the_field"):
        now = timezone.now()
        request.in_the_field = (
            access_field.developments(request.user, at=now).exists()
            or access_field.devices(request.user, at=now).exists()
        )
    return request.in_the_field


def keeps_land(request):
    """Whoever works for an organisation that surveys or holds land."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "keeps_land"):
        held = roster.standing(timezone.now()).filter(membership__person=request.user)
        request.keeps_land = held.filter(membership__organisation__role__in=roles.LAND).exists()
    return request.keeps_land


def publishes_techniques(request):
    """Whoever works for a body that publishes techniques and guides."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "publishes_techniques"):
        request.publishes_techniques = access_technology.bodies(request.user, at=timezone.now()).exists()
    return request.publishes_techniques


def reviews(request):
    """Whoever works for a validation and verification body."""
    return navigation.signed_in(request) and works_for(request, "VVB")


def convenes(request):
    """Whoever works for a body that convenes experts."""
    return navigation.signed_in(request) and works_for(request, "AUTH", "EXP", "TECH")


def judges(request):
    """Whoever is an expert."""
    return navigation.signed_in(request) and hasattr(request.user, "expert")


def works_for(request, *wanted):
    if not hasattr(request, "works_for_roles"):
        held = roster.standing(timezone.now()).filter(membership__person=request.user)
        request.works_for_roles = set(held.values_list("membership__organisation__role", flat=True))
    return bool(request.works_for_roles & set(wanted))


def shares_proceeds(request):
    """Whoever works for a side of a project whose proceeds are shared."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "shares_proceeds"):
        request.shares_proceeds = shares.is_a_side(request.user, at=timezone.now())
    return request.shares_proceeds


def sees_the_pool(request):
    """Whoever develops projects, and banks and investors."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "sees_the_pool"):
        roles_of_pool = (*pool.KEEPERS, *pool.LOOKERS)
        request.sees_the_pool = bool(pool.organisations(request.user, roles_of_pool, at=timezone.now()))
    return request.sees_the_pool


def has_a_share(request):
    """Whoever is a holder with a share, by their document or their organisation."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "has_a_share"):
        request.has_a_share = shares.mine(request.user, at=timezone.now()).exists()
    return request.has_a_share


navigation.register(
    navigation.Entry(
        "projects:reviews", _("Validation and verification"), 66, shown=reviews, mine=True, heading=navigation.STAFF
    ),
    navigation.Entry(
        "projects:panels_desk", _("Expert panels"), 67, shown=convenes, mine=True, heading=navigation.STAFF
    ),
    navigation.Entry("projects:my_panels", _("My panels"), 68, shown=judges, mine=True, heading=navigation.STAFF),
    navigation.Entry(
        "projects:pool", _("Pool of projects"), 62, shown=sees_the_pool, mine=True, heading=navigation.STAFF
    ),
    navigation.Entry("projects:shares", _("Sharing of proceeds"), 32),
    navigation.Entry(
        "projects:shares_desk",
        _("Sharing of proceeds: desk"),
        63,
        shown=shares_proceeds,
        mine=True,
        heading=navigation.STAFF,
    ),
    navigation.Entry("projects:shares_mine", _("My shares"), 63, shown=has_a_share, mine=True),
    navigation.Entry("projects:technologies", _("Techniques"), 33),
    navigation.Entry(
        "projects:technology_desk",
        _("Techniques and guides"),
        65,
        shown=publishes_techniques,
        mine=True,
        heading=navigation.STAFF,
    ),
    navigation.Entry(
        "projects:land", _("Land and resources"), 62, shown=keeps_land, mine=True, heading=navigation.STAFF
    ),
    navigation.Entry(
        "projects:field", _("Field monitoring"), 64, shown=in_the_field, mine=True, heading=navigation.STAFF
    ),
)


def in_development(request):
    """Whoever has a part in a project on its way, or may open one: anybody who works for an organisation."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "in_development"):
        request.in_development = roster.standing(timezone.now()).filter(membership__person=request.user).exists()
    return request.in_development


navigation.register(
    navigation.Entry("projects:notices", _("Project notices"), 23),
    navigation.Entry(
        "projects:developments_desk",
        _("Project development"),
        62,
        shown=in_development,
        mine=True,
        heading=navigation.STAFF,
    ),
)


def takes_lists(request):
    """Whoever works for the registry operator or an authority."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "takes_lists"):
        request.takes_lists = bool(access_uniqueness.offices(request.user, at=timezone.now()))
    return request.takes_lists


navigation.register(
    navigation.Entry("projects:developments", _("Projects in development"), 22),
    navigation.Entry(
        "projects:uniqueness", _("Is this land free?"), 62, shown=keeps_land, mine=True, heading=navigation.STAFF
    ),
    navigation.Entry(
        "projects:foreign_lists", _("Lists of other mechanisms"), 67, shown=takes_lists, mine=True,
        heading=navigation.STAFF,
    ),
)  # fmt: skip
