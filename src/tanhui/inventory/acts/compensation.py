"""Sharing a transfer budget among towns by the compensation index (article 13): shown first, then brought into force by
two people."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, transaction

from tanhui.identity.models import Instruction, Mandate
from tanhui.inventory import compensating
from tanhui.inventory.acts import asking, steps
from tanhui.inventory.compensating import CLAUSE, Formula, Row, Town
from tanhui.inventory.models import AccountingYear, CompensationRound
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.rulepacks import queries as rules

ACT = "inventory.compensate"
DIGITS = 8  # of a fraction in the worksheet; the fen come from the exact ones


class YearNotInForce(Refusal):
    code = "inventory.year_not_in_force"
    sentence = gettext_noop("%(year)s is %(state)s. A budget is shared by the figures of a published year in force.")
    clause = CLAUSE


class SharedAlready(Refusal):
    code = "inventory.shared_already"
    sentence = gettext_noop(
        "The budget of %(year)s is shared out already: “%(title)s”. To replace that round, say why it is revised."
    )
    clause = CLAUSE


class RoundUntitled(Refusal):
    code = "inventory.round_untitled"
    sentence = gettext_noop("Give the round a title within 120 characters, as it is published.")
    clause = CLAUSE
    status = 422


def preview(*, year: AccountingYear, towns: Sequence[Town], budget_fen: int, pack: str, at: datetime) -> list[Row]:
    """The worksheet as it would come into force. Nothing is written.

    Refuses with ``YearNotInForce``, ``rulepacks.none_in_force``, or as ``compensating`` does.
    """
    if year.state not in AccountingYear.IN_FORCE:
        raise YearNotInForce(year=str(year), state=year.get_state_display())
    formula = Formula.read(rules.pack(pack, clock.day(at)))
    return compensating.worksheet(towns, formula, budget_fen)


def propose(
    *,
    year: AccountingYear,
    title: str,
    towns: Sequence[Town],
    budget_fen: int,
    pack: str,
    mandate: Mandate,
    reference: str,
    at: datetime,
    reason: str = "",
) -> Instruction:
    """Ask for a round to come into force; a second round of a year says in ``reason`` why. Refuses as ``preview``, with
    ``steps.NotTheAuthority``, ``RoundUntitled`` or ``SharedAlready``."""
    steps.check_authority(mandate, year.organisation, at=at)
    if not title.strip() or len(title.strip()) > 120:
        raise RoundUntitled
    preview(year=year, towns=towns, budget_fen=budget_fen, pack=pack, at=at)
    check_earlier(year, reason)
    body = {
        "year": year.pk, "title": title.strip(), "towns": [asdict(one) for one in towns], "budget_fen": budget_fen,
        "pack": pack, "reason": reason.strip()[:300],
    }  # fmt: skip
    return asking.ask(act=ACT, mandate=mandate, reference=reference, body=body, at=at)


def check_earlier(year: AccountingYear, reason: str) -> CompensationRound | None:
    """The round that a new one of the year takes the place of, if any. Refuses with ``SharedAlready``."""
    earlier = CompensationRound.objects.filter(accounting_year=year, revised_by__isnull=True).first()
    if earlier is not None and not reason.strip():
        raise SharedAlready(year=str(year), title=earlier.title)
    return earlier


def carry_out(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Bring the round into force: the formula as it holds now, every input and every term are kept with it."""
    body = asked.body
    year = AccountingYear.objects.select_for_update().get(pk=body["year"])
    towns = [Town(**one) for one in body["towns"]]
    pack = rules.pack(body["pack"], clock.day(at))
    rows = preview(year=year, towns=towns, budget_fen=body["budget_fen"], pack=body["pack"], at=at)
    earlier = check_earlier(year, body["reason"])
    inputs = canonical.sha256({"towns": body["towns"], "budget_fen": body["budget_fen"], "pack": pack.sha256})
    signed = asking.signed(asked, mandate, at)
    demonstration = any(one.grade == "D" for key, one in pack.params.items() if key.startswith("weight_"))
    entry = record(
        kind="inventory.compensation_activated",
        fact={
            "accounting_year": year.code, "title": body["title"], "pack": pack.id, "version": pack.version,
            "sha256": pack.sha256, "inputs_sha256": inputs, "budget_fen": body["budget_fen"],
            "shares": [[row.town.code, row.fen] for row in rows],
            **({"revises": earlier.pk, "reason": body["reason"]} if earlier else {}),
            **({"demonstration": True} if demonstration else {}),
        },
        private={"initiator": asked.initiator_id},
        at=at,
        by=signed["confirmer_id"],
    )  # fmt: skip
    try:
        with transaction.atomic():
            made = CompensationRound.objects.create(
                **signed, accounting_year=year, title=body["title"], pack_code=pack.id, pack_version=pack.version,
                pack=dict(pack.content), budget_fen=body["budget_fen"], towns=body["towns"],
                rows=[plain(row) for row in rows], inputs_sha256=inputs, revises=earlier,
                reason=body["reason"] if earlier else "", demonstration=demonstration, entry=entry,
            )  # fmt: skip
    except IntegrityError as error:
        raise SharedAlready(year=str(year), title=body["title"]) from error
    return {"round": made.pk}


def plain(row: Row) -> dict[str, Any]:
    """A line of the worksheet as it is kept: fractions as decimals of eight digits."""
    return {
        "code": row.town.code,
        "name": row.town.name,
        "terms": {
            name: {
                "raw": digits(term.raw, 4), "normalised": digits(term.normalised), "capped": term.capped,
                "weighed": digits(term.weighed),
            }
            for name, term in row.terms.items()
        },
        "index": digits(row.index),
        "share": digits(row.share),
        "fen": row.fen,
    }  # fmt: skip


def digits(value: Fraction, places: int = DIGITS) -> str:
    """A fraction that is not negative as a decimal, half up: the worksheet's eye, never its arithmetic."""
    scaled = (value.numerator * 10**places * 2 + value.denominator) // (2 * value.denominator)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"
