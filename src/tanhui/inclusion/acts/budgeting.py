"""What the operator may spend on the rewards of a month; set anew, the later word holds and the earlier stays."""

from datetime import date, datetime

from django.db import transaction

from tanhui.identity.models import Mandate
from tanhui.inclusion import roles
from tanhui.inclusion.acts import scenarios
from tanhui.inclusion.models import Budget
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop

MOST_FEN = 10**13


class BudgetUnreadable(Refusal):
    code = "inclusion.budget_unreadable"
    sentence = gettext_noop("A budget is of one month and from 0 to 100,000,000,000 yuan. Correct it.")
    clause = "沪环气〔2022〕211号：四、（三）"
    status = 422


@transaction.atomic
def set_(*, month: date, fen: int, note: str, mandate: Mandate, at: datetime) -> Budget:
    """Set the budget of a month, given by its first day, in fen. Refuses with ``BudgetUnreadable`` or
    ``scenarios.NotYours``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    if month.day != 1 or not 0 <= fen <= MOST_FEN:
        raise BudgetUnreadable
    entry = record(
        kind="inclusion.budget_set", fact={"month": f"{month:%Y-%m}", "fen": fen},
        private={"note": note.strip()[:200]}, at=at, by=mandate.membership.person_id,
    )  # fmt: skip
    return Budget.objects.create(
        operator=mandate.membership.organisation, month=month, fen=fen, note=note.strip()[:200],
        by=mandate.membership.person, entry=entry, at=at,
    )  # fmt: skip
