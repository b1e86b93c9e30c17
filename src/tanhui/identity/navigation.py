from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanhui.identity import access
from tanhui.identity import powers as people
from tanhui.identity.models import Person
from tanhui.ui import navigation


def powers(request):
    """What the visitor may do for whom, read once for a page; nothing for who has not signed in."""
    if not hasattr(request, "powers"):
        now = timezone.now()
        known = isinstance(request.user, Person)
        request.powers = people.of(request.user, at=now) if known else people.Powers(Person(), now, ())
    return request.powers


def duty(request):
    """The visitor's staff duty, asked once for a page."""
    if not hasattr(request, "staff_duty"):
        known = navigation.signed_in(request)
        request.staff_duty = access.duty(request.user, at=timezone.now()) if known else None
    return request.staff_duty


def staff(request):
    return duty(request) is not None


def security(request):
    found = duty(request)
    return found is not None and access.on_duty(request.user, found.Kind.SECURITY, at=timezone.now())


navigation.register(
    navigation.Entry(
        "identity:organisations",
        _("My organisation"),
        70,
        shown=navigation.signed_in,
        mine=True,
        heading=navigation.SELF,
    ),
    navigation.Entry("identity:me", _("Myself"), 75, shown=navigation.signed_in, mine=True, heading=navigation.SELF),
    navigation.Entry(
        "mfa_index", _("Sign-in and security"), 77, shown=navigation.signed_in, mine=True, heading=navigation.SELF
    ),
    navigation.Entry("identity:duty", _("Staff duty"), 80, shown=staff, mine=True, heading=navigation.STAFF),
    navigation.Entry("identity:people", _("People"), 85, shown=security, mine=True, heading=navigation.STAFF),
)
