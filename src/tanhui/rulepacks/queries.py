"""What a rule pack says on a day: the day of the act, never that of its processing."""

from datetime import date

from django.db.models import F, Q
from django.db.models.functions import Least

from tanhui.kernel.period import Period
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.rulepacks import packs
from tanhui.rulepacks.models import Activation


class NoPackInForce(Refusal):
    code = "rulepacks.none_in_force"
    sentence = gettext_noop("No version of the rule pack %(pack)s is in force on %(day)s. Activate one first.")
    clause = "ARCHITECTURE.md §1"


class UnknownParameter(Refusal):
    code = "rulepacks.unknown_parameter"
    sentence = gettext_noop(
        "The rule pack %(pack)s, version %(version)s, has no parameter %(key)s. Add it to the pack."
    )
    clause = "ARCHITECTURE.md §1"


def in_force(pack_id: str, on: date) -> Activation | None:
    """The activation of a pack that holds on a day."""
    return (
        Activation.objects.select_related("pack")
        .annotate(until=Least("effective_to", "ending__on"))
        .filter(Q(until__isnull=True) | Q(until__gt=on), code=pack_id, effective_from__lte=on)
        .first()
    )


def overlapping(pack_id: str, effective: Period) -> Activation | None:
    """An activation of a pack that holds on some day of a period."""
    still = Q(until__isnull=True) | Q(until__gt=effective.start) & Q(until__gt=F("effective_from"))
    found = Activation.objects.annotate(until=Least("effective_to", "ending__on")).filter(still, code=pack_id)
    if effective.end is not None:
        found = found.filter(effective_from__lt=effective.end)
    return found.order_by("effective_from").first()


def pack(pack_id: str, on: date) -> packs.Pack:
    """The pack in force on a day, as it was activated. Refuses with ``NoPackInForce``."""
    activation = in_force(pack_id, on)
    if activation is None:
        raise NoPackInForce(pack=pack_id[:60], day=on.isoformat())
    return packs.load(activation.pack.content, pack_id)


def parameter(key: str, on: date, pack_id: str) -> packs.Parameter:
    """A parameter with its unit, clause, grade and tag as it held on a day.

    Refuses with ``NoPackInForce`` or ``UnknownParameter``.
    """
    held = pack(pack_id, on)
    if key not in held.params:
        raise UnknownParameter(pack=pack_id, version=held.version, key=key[:60])
    return held.params[key]


def value(key: str, on: date, pack_id: str) -> packs.Value:
    """The bare value of a parameter as it held on a day. Refuses as ``parameter`` does."""
    return parameter(key, on, pack_id).value
