"""The posting functions' refusals, given words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, IntegrityError

from tanhui.kernel.refusal import Refusal, gettext_noop


class NotEnoughHeld(Refusal):
    code = "ledger.not_enough_held"
    sentence = gettext_noop(
        "%(account)s has %(available)s of %(asset)s free (it holds %(held)s) and %(asked)s was asked for. "
        "Ask for less, or choose another batch."
    )
    clause = "ARCHITECTURE.md §6.1"


class SerialsNotFree(Refusal):
    code = "ledger.serials_not_free"
    sentence = gettext_noop(
        "Not all of the serials %(first)s–%(last)s of %(asset)s are free in %(account)s: elsewhere %(elsewhere)s, "
        "set aside %(reserved)s. Choose serials that the account holds freely."
    )
    clause = "ARCHITECTURE.md §6.2"


class SerialsLocked(Refusal):
    code = "ledger.serials_locked"
    sentence = gettext_noop(
        "Among the serials %(first)s–%(last)s of %(asset)s in %(account)s these are locked: %(locked)s. "
        "Have the lock lifted by whoever placed it, or choose other serials."
    )
    clause = "ARCHITECTURE.md §6.3"


class AlreadyResolved(Refusal):
    code = "ledger.already_resolved"
    sentence = gettext_noop(
        "The reservation %(reservation)s has already ended (%(outcome)s, %(at)s). Start again with a new request."
    )
    clause = "ARCHITECTURE.md §6.3"


class HigherLockStands(Refusal):
    code = "ledger.higher_lock_stands"
    sentence = gettext_noop(
        "The lock %(lock)s cannot be lifted while %(above)s, which ranks above it, stands on the same units. "
        "Wait until that one is lifted."
    )
    clause = "ARCHITECTURE.md §6.3"


class AlreadyLifted(Refusal):
    code = "ledger.already_lifted"
    sentence = gettext_noop("The lock %(lock)s has already been lifted. There is nothing left to lift.")
    clause = "ARCHITECTURE.md §6.3"


class ReferenceUsed(Refusal):
    code = "ledger.reference_used"
    sentence = gettext_noop(
        "The reference %(reference)s already names another movement. Use a new reference for a new movement."
    )
    clause = "ARCHITECTURE.md §6.4"


class TooManyBlocks(Refusal):
    code = "ledger.too_many_blocks"
    sentence = gettext_noop(
        "These units lie in %(count)s separate blocks; the fact would have %(bytes)s bytes and a fact has at most "
        "65535. Split the request."
    )
    clause = "C2SP tlog-tiles: an entry has at most 65,535 bytes"
    status = 422


STATES: dict[str, type[Refusal]] = {
    "TH001": NotEnoughHeld,
    "TH002": SerialsNotFree,
    "TH003": SerialsLocked,
    "TH004": AlreadyResolved,
    "TH005": HigherLockStands,
    "TH006": AlreadyLifted,
    "TH007": TooManyBlocks,
}


@contextmanager
def spoken(reference: str) -> Iterator[None]:
    """Turn what the posting functions raise into refusals; anything else passes as it is."""
    try:
        yield
    except IntegrityError as error:
        diagnosis: Any = getattr(error.__cause__, "diag", None)
        if diagnosis is not None and diagnosis.column_name is None and "reference" in (diagnosis.constraint_name or ""):
            raise ReferenceUsed(reference=reference) from error
        raise
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state not in STATES:
            raise
        raise STATES[state](**json.loads(error.__cause__.diag.message_detail)) from error  # type: ignore[union-attr]
