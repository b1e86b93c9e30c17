"""Bringing a rule pack into force, and letting it go: each time two people, and a fact in the journal."""

from datetime import date, datetime

from django.db import connection, transaction

from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.rulepacks import packs, queries
from tanhui.rulepacks.models import Activation, Ending, Pack


class SamePerson(Refusal):
    code = "rulepacks.same_person"
    sentence = gettext_noop("One person cannot both initiate and confirm. Let another person confirm.")
    clause = "ARCHITECTURE.md §3"
    status = 403


class ParametersUnverified(Refusal):
    code = "rulepacks.parameters_unverified"
    sentence = gettext_noop(
        "The rule pack %(pack)s holds parameters nobody has verified: %(params)s. Confirm each in its source and ship "
        "a new version before using it in production."
    )
    clause = "ARCHITECTURE.md §1"


class PackUnconfirmed(Refusal):
    code = "rulepacks.unconfirmed"
    sentence = gettext_noop(
        "The rule pack %(pack)s is %(status)s and was read as %(verification)s only. Compare it with the full text and "
        "ship a confirmed version before using it in production."
    )
    clause = "ARCHITECTURE.md §1"


class PackSuperseded(Refusal):
    code = "rulepacks.superseded"
    sentence = gettext_noop(
        "Version %(version)s of the rule pack %(pack)s is superseded. Activate the version after it."
    )
    clause = "ARCHITECTURE.md §1"


class VersionsOverlap(Refusal):
    code = "rulepacks.versions_overlap"
    sentence = gettext_noop(
        "Version %(version)s of the rule pack %(pack)s is already in force from %(start)s. End it first, or activate a "
        "version whose time does not overlap."
    )
    clause = "ARCHITECTURE.md §1"


class VersionTaken(Refusal):
    code = "rulepacks.version_taken"
    sentence = gettext_noop(
        "Version %(version)s of the rule pack %(pack)s is recorded with other content. Give the changed pack a new "
        "version."
    )
    clause = "ARCHITECTURE.md §6.5"


class AlreadyEnded(Refusal):
    code = "rulepacks.already_ended"
    sentence = gettext_noop("The rule pack %(pack)s already ends on %(day)s. Nothing more is needed.")
    clause = "ARCHITECTURE.md §6.5"


class EndImpossible(Refusal):
    code = "rulepacks.end_impossible"
    sentence = gettext_noop(
        "The rule pack %(pack)s cannot end on %(day)s. Choose a day from %(earliest)s on, after its start and before "
        "it ends by itself; what was decided under it stays decided."
    )
    clause = "ARCHITECTURE.md §6.5"


@transaction.atomic
def activate(*, pack: packs.Pack, mode: str, initiator_id: int, confirmer_id: int, at: datetime) -> Activation:
    """Bring a pack into force for the time it names. The same request twice is one activation.

    ``mode`` is ``production`` or ``demonstration``. Refuses with ``SamePerson``, ``PackSuperseded``,
    ``ParametersUnverified`` (naming each) or ``PackUnconfirmed`` in production, ``VersionTaken``, ``VersionsOverlap``.
    """
    mode = Activation.Mode(mode)
    if initiator_id == confirmer_id:
        raise SamePerson
    refuse_unfit(pack, mode)
    lock(pack.id)

    written = Pack.objects.filter(code=pack.id, version=pack.version).first()
    if written is not None and written.sha256 != pack.sha256:
        raise VersionTaken(pack=pack.id, version=pack.version)
    if earlier := queries.overlapping(pack.id, pack.effective):
        same_people = (earlier.initiator_id, earlier.confirmer_id) == (initiator_id, confirmer_id)
        if earlier.pack == written and earlier.mode == mode and same_people:
            return earlier
        raise VersionsOverlap(pack=pack.id, version=earlier.pack.version, start=earlier.effective_from.isoformat())

    written = written or Pack.objects.create(
        code=pack.id, version=pack.version, sha256=pack.sha256, content=dict(pack.content)
    )
    activation = Activation.objects.create(
        pack=written,
        code=pack.id,
        mode=mode,
        effective_from=pack.effective.start,
        effective_to=pack.effective.end,
        initiator_id=initiator_id,
        confirmer_id=confirmer_id,
        at=at,
    )
    record(
        kind="rulepacks.activated",
        fact={
            "pack": pack.id,
            "version": pack.version,
            "sha256": pack.sha256,
            "mode": mode.value,
            "effective": str(pack.effective),
        },
        private={"initiator": initiator_id, "confirmer": confirmer_id},
        at=at,
        by=confirmer_id,
    )
    return activation


@transaction.atomic
def end(*, activation: Activation, on: date, initiator_id: int, confirmer_id: int, at: datetime) -> Ending:
    """Let a pack hold no more from a day on, today at the earliest, so that the next version can follow.

    Refuses with ``SamePerson``, ``AlreadyEnded`` or ``EndImpossible``. The same request twice is one ending.
    """
    if initiator_id == confirmer_id:
        raise SamePerson
    lock(activation.code)
    if earlier := Ending.objects.filter(activation=activation).first():
        if (earlier.on, earlier.initiator_id, earlier.confirmer_id) == (on, initiator_id, confirmer_id):
            return earlier
        raise AlreadyEnded(pack=activation.code, day=earlier.on.isoformat())
    earliest = max(clock.day(at), activation.effective_from)
    if on < earliest or (activation.effective_to is not None and on >= activation.effective_to):
        raise EndImpossible(pack=activation.code, day=on.isoformat(), earliest=earliest.isoformat())

    ending = Ending.objects.create(
        activation=activation, on=on, initiator_id=initiator_id, confirmer_id=confirmer_id, at=at
    )
    record(
        kind="rulepacks.ended",
        fact={"pack": activation.code, "version": activation.pack.version, "from": on.isoformat()},
        private={"initiator": initiator_id, "confirmer": confirmer_id},
        at=at,
        by=confirmer_id,
    )
    return ending


def refuse_unfit(pack: packs.Pack, mode: Activation.Mode) -> None:
    """Say no to a superseded pack, and in production to anything not confirmed."""
    if pack.status == "superseded":
        raise PackSuperseded(pack=pack.id, version=pack.version)
    if mode == Activation.Mode.PRODUCTION and pack.unverified:
        raise ParametersUnverified(pack=pack.id, params=", ".join(param.key for param in pack.unverified))
    if mode == Activation.Mode.PRODUCTION and pack.status != "confirmed":
        raise PackUnconfirmed(pack=pack.id, status=pack.status, verification=pack.verification)


def lock(code: str) -> None:
    """One change to a pack at a time, the same lock the table's own trigger takes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('rulepacks/' || %s, 0))", [code])
