"""What the room has in the header of every page."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanhui.identity import navigation as people
from tanhui.projects import access_field, access_technology, access_uniqueness, roles
from tanhui.projects.models import Expert
from tanhui.projects.queries import pool, shares
from tanhui.ui import navigation


def in_the_field(request):
    """Whoever may see the field work of a project, or keeps a device."""
    if not navigation.signed_in(request):
        return False
    now = timezone.now()
    return [access_field.developments(request.user, at=now), access_field.devices(request.user, at=now)]


def keeps_land(request):
    """Whoever works for an organisation that surveys or holds land."""
    return people.powers(request).works_for(*roles.LAND)


def publishes_techniques(request):
    """Whoever works for a body that publishes techniques and guides."""
    return people.powers(request).works_for(*access_technology.PUBLISHERS)


def reviews(request):
    """Whoever works for a validation and verification body."""
    return people.powers(request).works_for("VVB")


def convenes(request):
    """Whoever works for a body that convenes experts."""
    return people.powers(request).works_for("AUTH", "EXP", "TECH")


def judges(request):
    """Whoever is an expert."""
    return [Expert.objects.filter(person=request.user)] if navigation.signed_in(request) else False


def shares_proceeds(request):
    """Whoever works for a side of a project whose proceeds are shared."""
    held = people.powers(request)
    return held.works_for("AUTHL") or shares.of_sides(held.bodies())  # their county, or a project or rule of theirs


def sees_the_pool(request):
    """Whoever develops projects, and banks and investors."""
    return people.powers(request).works_for(*pool.KEEPERS, *pool.LOOKERS)


def has_a_share(request):
    """Whoever is a holder with a share, by their document or their organisation."""
    return [shares.mine(request.user, at=timezone.now())] if navigation.signed_in(request) else False


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
    return people.powers(request).works_for()


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
    return people.powers(request).works_for(*access_uniqueness.ROLES)


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
