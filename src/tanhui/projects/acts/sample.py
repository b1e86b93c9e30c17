"""The verifier's sample: declared before the seed can be known, drawn by the log, and looked at unit by unit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from tanhui.identity.models import Mandate
from tanhui.journal import queries as journal
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import reviews, sampling
from tanhui.projects.acts import reviewing
from tanhui.projects.models import Development, Draw, Monitoring, Sample, Sighting

PERCENT, LEAST = "verification_sample_percent", "verification_sample_least"
LAW = "ISO 14064-3:2019 6.1.3"
MOST = 20_000  # units of one population


class SampleTooSmall(Refusal):
    code = "projects.sample_too_small"
    sentence = gettext_noop(
        "At least %(least)s of %(count)s units are to be drawn (%(pack)s); %(size)s were asked for. Ask for more."
    )
    clause = LAW
    status = 422


class SampleUnderWay(Refusal):
    code = "projects.sample_under_way"
    sentence = gettext_noop(
        "Sample %(number)s is declared and not drawn yet. It is drawn once the log has signed what covers it."
    )
    clause = "docs/algorithms/sampling-seed.md"


class SampleReasonMissing(Refusal):
    code = "projects.sample_reason_missing"
    sentence = gettext_noop("A sample was drawn already. Say why another is needed: both are published.")
    clause = "docs/algorithms/sampling-seed.md"
    status = 422


class SeedNotKnown(Refusal):
    code = "projects.seed_not_known"
    sentence = gettext_noop(
        "The log has not signed a checkpoint over the declaration of %(at)s yet, so that nobody knows the seed. Come "
        "back in a moment."
    )
    clause = "docs/algorithms/sampling-seed.md"


class WordsDiffer(Refusal):
    code = "projects.sample_words_differ"
    sentence = gettext_noop(
        "These are not the words whose SHA-256 %(commitment)s was declared. Give the very same words, blanks included."
    )
    clause = "docs/algorithms/sampling-seed.md"
    status = 422


class CommitmentUnreadable(Refusal):
    code = "projects.sample_commitment_unreadable"
    sentence = gettext_noop("A commitment is a SHA-256 as 64 hexadecimal digits, or nothing at all.")
    clause = "docs/algorithms/sampling-seed.md"
    status = 422


class UnitUnknown(Refusal):
    code = "projects.sample_unit_unknown"
    sentence = gettext_noop("“%(unit)s” is not among what the sample was drawn from. Choose a unit of the list.")
    clause = LAW
    status = 422


class SightingIncomplete(Refusal):
    code = "projects.sighting_incomplete"
    sentence = gettext_noop(
        "Say what was seen at “%(unit)s”: where it deviates, could not be reached, or was added by judgement, in words."
    )
    clause = LAW
    status = 422


@transaction.atomic
def declare(
    *, subject: Development | Monitoring, units: Iterable[sampling.Unit], size: int, mandate: Mandate, at: datetime,
    commitment: str = "", reason: str = "",
) -> Sample:  # fmt: skip
    """Fix what is drawn from and how many. The seed follows from a checkpoint that does not exist yet.

    Refuses with ``reviewing.NotTheBody``, ``reviewing.PartInIt``, ``reviewing.NotUnderReview``, ``reviewing.TooEarly``,
    ``SampleUnderWay``, ``SampleReasonMissing``, ``SampleTooSmall``, ``CommitmentUnreadable`` or as ``sampling``.
    """
    person = reviewing.may_review(subject, mandate, at=at)
    reviewing.lock(subject)
    reviewing.settled(subject, at=at)
    where = reviews.which(subject)
    earlier = list(Sample.objects.filter(**where).select_related("draw").order_by("number"))
    if earlier and not hasattr(earlier[-1], "draw"):
        raise SampleUnderWay(number=earlier[-1].number)
    if earlier and not reason.strip():
        raise SampleReasonMissing
    if commitment and not is_hash(commitment):
        raise CommitmentUnreadable
    ordered = sampling.population(units)
    if not 1 <= size <= len(ordered) <= MOST:
        raise sampling.SampleTooLarge(size=size, count=min(len(ordered), MOST))
    least = smallest(subject, len(ordered))
    if size < least["value"]:
        raise SampleTooSmall(least=least["value"], count=len(ordered), size=size, pack=least["pack"])
    digest = sampling.population_sha256(ordered)
    entry = record(
        kind="projects.sample_declared",
        fact={
            "subject": subject.code, "sample": len(earlier) + 1, "population_sha256": digest, "units": len(ordered),
            "size": size, "commitment": commitment, "body": mandate.membership.organisation.name,
        },
        private={"subject": str(subject.pk), "reason": reason.strip()[:500]},
        at=at,
        by=person.pk,
    )  # fmt: skip
    return Sample.objects.create(
        **where, number=len(earlier) + 1, population=[[one.key, one.stratum] for one in ordered],
        population_sha256=digest, size=size, least=least, commitment=commitment, reason=reason.strip()[:500],
        body=mandate.membership.organisation, by=person, entry=entry, at=at,
    )  # fmt: skip


def smallest(subject: Development | Monitoring, count: int) -> dict[str, Any]:
    """The smallest sample of so many units that the rule packs allow, and where that stands. Refuses with
    ``numbers.NumberMissing``."""
    percent, least = (reviews.number(subject, key) for key in (PERCENT, LEAST))
    needed = sampling.least(count, percent=percent["value"], at_least=least["value"])
    return percent | {"value": needed, "percent": percent["value"], "at_least": least["value"]}


@transaction.atomic
def draw(*, sample: Sample, words: str, mandate: Mandate, at: datetime) -> Draw:
    """Draw it by the first checkpoint that covers the declaration; asked again, it is the same drawing.

    Refuses with ``reviewing.NotTheBody``, ``reviewing.PartInIt``, ``SeedNotKnown`` or ``WordsDiffer``.
    """
    subject = sample.monitoring or sample.development
    person = reviewing.may_review(subject, mandate, at=at)
    if earlier := Draw.objects.filter(sample=sample).first():
        return earlier
    if sample.commitment and sampling.commitment(words) != sample.commitment:
        raise WordsDiffer(commitment=sample.commitment[:12])
    told = words if sample.commitment else ""
    place = journal.place(sample.entry)
    if place is None:
        raise SeedNotKnown(at=clock.for_people(sample.at))
    root = bytes(place.checkpoint.root).hex()
    seed = sampling.seed(declaration_sha256=place.sha256, root=root, words=told)
    units = [sampling.Unit(key, stratum) for key, stratum in sample.population]
    chosen = sampling.draw(units, size=sample.size, seed=seed)
    entry = record(
        kind="projects.sample_drawn",
        fact={
            "subject": subject.code, "sample": sample.number, "seed": seed, "root": root,
            "checkpoint": place.checkpoint.size, "population_sha256": sample.population_sha256,
        },
        private={"subject": str(subject.pk), "chosen": chosen},
        at=at,
        by=person.pk,
    )  # fmt: skip
    try:
        with transaction.atomic():
            return Draw.objects.create(
                sample=sample, declaration_sha256=place.sha256, checkpoint_size=place.checkpoint.size, root=root,
                words=told, seed=seed, chosen=chosen, by=person, entry=entry, at=at,
            )  # fmt: skip
    except IntegrityError:
        return Draw.objects.get(sample=sample)


@transaction.atomic
def see(*, sample: Sample, unit: str, verdict: str, note: str, mandate: Mandate, at: datetime) -> Sighting:
    """Keep what was seen at a unit; seen again, the later word counts. A unit that was not drawn is added by judgement.

    Refuses with ``reviewing.NotTheBody``, ``reviewing.PartInIt``, ``reviewing.NotUnderReview``, ``SeedNotKnown``,
    ``UnitUnknown`` or ``SightingIncomplete``.
    """
    subject = sample.monitoring or sample.development
    person = reviewing.may_review(subject, mandate, at=at)
    reviewing.settled(subject, at=at)
    drawn = Draw.objects.filter(sample=sample).first()
    if drawn is None:
        raise SeedNotKnown(at=clock.for_people(sample.at))
    if unit not in {key for key, _stratum in sample.population}:
        raise UnitUnknown(unit=unit[:40])
    judged, said = unit not in drawn.chosen, note.strip().replace("\x00", "")[:500]
    plain = verdict == Sighting.Verdict.AGREES and not judged
    if verdict not in Sighting.Verdict.values or not (plain or said):
        raise SightingIncomplete(unit=unit)
    entry = record(
        kind="projects.unit_seen",
        fact={"subject": subject.code, "sample": sample.number, "verdict": verdict},
        private={"subject": str(subject.pk), "unit": unit, "note": said},
        at=at,
        by=person.pk,
    )
    return Sighting.objects.create(
        sample=sample, unit=unit, judged=judged, verdict=verdict, note=said, by=person, entry=entry, at=at
    )


def is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
