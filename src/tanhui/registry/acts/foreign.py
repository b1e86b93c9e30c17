"""Bringing in units of another registry, each foreign serial once (T9)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from psycopg.types.range import DateRange, Int8Range

from tanhui.journal.record import MOVEMENT, draft
from tanhui.kernel.period import Period as Days
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import movement, opening
from tanhui.registry.acts.lines import ONE_DAY
from tanhui.registry.acts.signing import Signatures, once
from tanhui.registry.models import Batch, ForeignImport, ForeignSeries, Project, SubAccount

IMPORTED = "imported"  # the boundary foreign units come from


class ForeignSerialKnown(Refusal):
    code = "registry.foreign_serial_known"
    sentence = gettext_noop(
        "Serials %(first)s–%(last)s of %(series)s (%(registry)s) are already here, at least in part. "
        "A foreign serial comes in once; check the other registry's statement."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十八条（唯一性）"


class ProofMissing(Refusal):
    code = "registry.foreign_proof_missing"
    sentence = gettext_noop("Name the other registry's record of the units having left it. Without it they stay there.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十八条（唯一性）"
    status = 422


def bring_in(
    *,
    registry: str,
    series: str,
    foreign_serials: Range,
    project: Project,
    span: Days,
    vintage: int,
    target: SubAccount,
    proof: str,
    reference: str,
    signatures: Signatures,
    at: datetime,
) -> ForeignImport:
    """Import foreign units as a batch of ours, tonne for tonne.

    Refuses with ``ForeignSerialKnown`` when any of them came in before, ``ProofMissing``, or as signing does.
    """
    signatures.check_operator(at=at)
    if not proof.strip():
        raise ProofMissing
    run, _ = ForeignSeries.objects.get_or_create(registry=registry, name=series)

    def perform(digest: str) -> ForeignImport:
        quantity_t = foreign_serials.count
        number = Batch.objects.filter(project=project, span=DateRange(span.start, span.closed())).count() + 1
        days = f"{span.start:%Y%m%d}-{span.closed() - ONE_DAY:%Y%m%d}"
        asset = opening.asset(
            code=f"{project.scheme}-{project.province}-{project.methodology}-{project.number:06d}-{days}-{number:03d}",
            unit="t",
            serialised=True,
        )
        serials = movement.take_serials(quantity_t)
        boundary = opening.boundary(IMPORTED)
        people = signatures.people
        values = {
            "reference": reference,
            "body_sha256": digest,
            "series_id": run.pk,
            "foreign_serials": Int8Range(foreign_serials.first, foreign_serials.last + 1),
            "quantity_t": quantity_t,
            "proof": proof,
            "at": at,
            **people,
        }
        try:
            with transaction.atomic():
                kept = movement.post_and_tell(
                    reference=f"import:{reference}",
                    told=draft(
                        kind="registry.imported",
                        fact={
                            "transaction": MOVEMENT,
                            "registry": registry,
                            "series": series,
                            "foreign_serials": [foreign_serials.first, foreign_serials.last],
                            "batch": asset.code,
                            "serials": [serials.first, serials.last],
                            "quantity_t": quantity_t,
                            "proof": proof,
                        },
                        private={"to": str(target), **people},
                        at=at,
                        by=people["confirmer_id"],
                    ),
                    lines=[movement.Line(boundary.pk, target.ledger_account_id, asset.pk, quantity_t, serials)],
                    fact=ForeignImport,
                    values=values,
                )
        except IntegrityError as error:
            if "a_foreign_serial_comes_in_once" not in str(error):
                raise
            raise ForeignSerialKnown(
                first=foreign_serials.first, last=foreign_serials.last, series=series, registry=registry
            ) from error
        made = ForeignImport(id=kept.row, movement_id=kept.movement, entry=kept.entry, **values)
        Batch.objects.create(
            asset=asset,
            foreign=made,
            project=project,
            number=number,
            vintage=vintage,
            span=DateRange(span.start, span.closed()),
            serials=Int8Range(serials.first, serials.last + 1),
            quantity_t=quantity_t,
            issued_at=at,
        )
        return made

    body = {
        "registry": registry,
        "series": series,
        "serials": [foreign_serials.first, foreign_serials.last],
        "project": project.pk,
        "span": [span.start.isoformat(), span.closed().isoformat()],
        "vintage": vintage,
        "to": target.pk,
        "proof": proof,
    }
    return once(ForeignImport, reference=reference, body=body, perform=perform)
