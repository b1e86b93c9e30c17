"""Units of a monitoring period obtained by fraud (rules §3.10): ordered back, cancelled, their shortfall replaced.

The authority's two people order it; the register then holds everything of the owner back. The registry's two cancel
what is there, by force once the last day has passed; the owner's two replace the rest; the authority lifts the hold.
What was sold to others is not touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import sides
from tanhui.projects.models import Monitoring
from tanhui.projects.queries import clawbacks
from tanhui.projects.refusals import ORDER_31
from tanhui.registry.acts import choice, clawback, restriction
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Account, Clawback, SubAccount

CLAUSE = ORDER_31 + "第四十三条"
ORDER, PAPER = "claw_back", "ORDER"
LATEST = date(2199, 12, 31)


class OrderUnsaid(Refusal):
    code = "projects.clawback_unsaid"
    sentence = gettext_noop(
        "Say how many tonnes are to be cancelled, 1 to %(most)s (as many as this period issued), and by which day "
        "after today."
    )
    clause = CLAUSE
    status = 422


class NoOrder(Refusal):
    code = "projects.clawback_without_order"
    sentence = gettext_noop("No order in the register stands behind %(what)s. Have the authority order it first.")
    clause = CLAUSE


class StillOwed(Refusal):
    code = "projects.clawback_still_owed"
    sentence = gettext_noop(
        "%(owed)s t are still owed, and %(owner)s holds no more that could be cancelled. After the last day cancel by "
        "force what is there; the owner replaces the rest."
    )
    clause = CLAUSE


class NothingShort(Refusal):
    code = "projects.clawback_nothing_short"
    sentence = gettext_noop("%(owner)s holds enough for all %(owed)s t. Cancel them; nothing has to be replaced.")
    clause = CLAUSE


class ReplacementMissing(Refusal):
    code = "projects.clawback_replacement_missing"
    sentence = gettext_noop(
        "%(owed)s t are to be replaced and %(held)s t of free units lie in the account. Buy what is missing, then "
        "replace it at once."
    )
    clause = CLAUSE


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the authority orders: whole tonnes, and the last day to comply."""

    quantity_t: int
    deadline: date


def ordered(held: Monitoring, details: Mapping[str, object], *, at: datetime) -> Ordered:
    """An order from the details of a step. Refuses with ``OrderUnsaid``."""
    most = held.period.tonnes if held.period else 0
    quantity, last = details.get("quantity_t"), details.get("deadline")
    try:
        day = date.fromisoformat(last) if isinstance(last, str) else None
    except ValueError:
        day = None
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= most:
        raise OrderUnsaid(most=most)
    if day is None or not clock.day(at) < day <= LATEST:
        raise OrderUnsaid(most=most)
    return Ordered(quantity, day)


def order(held: Monitoring, details: Mapping[str, object], signatures: Signatures, at: datetime) -> Clawback:
    """Order the owner to cancel, and hold back everything the owner has. Refuses with ``OrderUnsaid``."""
    said = ordered(held, details, at=at)
    paper = sides.current_papers(held).filter(kind=PAPER).order_by("-edition").first()
    assert paper is not None  # demanded by the row of the table
    assert held.period is not None  # of an issued period
    return clawback.order(
        project=held.period.project, quantity_t=said.quantity_t, deadline_date=said.deadline,
        authority=signatures.initiator.membership.organisation, document=f"{held.code} {paper.name}"[:120],
        document_sha256=paper.sha256, reference=clawbacks.reference(held), signatures=signatures, at=at,
    )  # fmt: skip


def settle(held: Monitoring, signatures: Signatures, at: datetime) -> None:
    """Cancel all that is owed out of the owner's holdings: as complied with until the last day, afterwards by force.

    Refuses with ``StillOwed`` where the owner holds less.
    """
    one = needed(held)
    if clock.day(at) > one.deadline_date:
        clawback.enforce(clawback=one, reference=f"force-{held.pk.hex}", signatures=signatures, at=at)
    else:
        comply(one, held, signatures, at)
    if owed := clawback.owed_t(one):
        raise StillOwed(owed=owed, owner=one.project.owner.name)


def comply(one: Clawback, held: Monitoring, signatures: Signatures, at: datetime) -> None:
    locks = [each.lock_id for each in clawback.holds(one)]
    for place in places(one):
        if found := choice.oldest(place, clawback.owed_t(one), locks=locks):
            clawback.comply(
                clawback=one, source=place, wanted=found, reference=f"comply-{held.pk.hex}-{place.purpose}",
                signatures=signatures, at=at,
            )  # fmt: skip


def enforce(held: Monitoring, signatures: Signatures, at: datetime) -> None:
    """Cancel by force what the owner still holds; the rest is the shortfall.

    Refuses with ``registry.deadline_not_past``, or ``NothingShort`` where the owner holds enough.
    """
    one = needed(held)
    owed = clawback.owed_t(one)
    clawback.enforce(clawback=one, reference=f"force-{held.pk.hex}", signatures=signatures, at=at)
    if not clawback.owed_t(one):
        raise NothingShort(owed=owed, owner=one.project.owner.name)


def replace(held: Monitoring, signatures: Signatures, at: datetime) -> None:
    """Retire free units of the owner's for the whole shortfall. Refuses with ``ReplacementMissing``."""
    one = needed(held)
    owed = clawback.owed_t(one)
    found = [(place, choice.oldest(place, owed)) for place in places(one)]
    left = owed
    for place, units in found:
        taken = []
        for unit in units:
            if left > 0:
                taken.append(type(unit)(unit.batch, min(unit.quantity_t, left)))
                left -= taken[-1].quantity_t
        if taken:
            clawback.replace(
                clawback=one, source=place, wanted=taken, reference=f"replace-{held.pk.hex}-{place.purpose}",
                signatures=signatures, at=at,
            )  # fmt: skip
    if left:
        raise ReplacementMissing(owed=owed, held=owed - left)


def release(held: Monitoring, signatures: Signatures, at: datetime) -> None:
    """Lift the hold on what the owner has, now that nothing is owed. Refuses with ``registry.wrong_authority``."""
    one = needed(held)
    if one.restriction is not None:
        restriction.lift(
            restriction=one.restriction, authority=signatures.initiator.membership.organisation, reason=held.code,
            reference=f"lift-{held.pk.hex}", signatures=signatures, at=at,
        )  # fmt: skip


def places(one: Clawback) -> list[SubAccount]:
    account = Account.objects.filter(organisation=one.project.owner_id).first()
    return list(account.sub_accounts.order_by("pk")) if account else []


def needed(held: Monitoring) -> Clawback:
    """The order behind a period under clawback."""
    found = clawbacks.of(held)
    if found is None:
        raise NoOrder(what=held.code)
    return found


ACTS = {"settle": settle, "enforce": enforce, "replace": replace, "release": release}
