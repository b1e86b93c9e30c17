"""Registering projects and recording what a verifier verified: what issuance stands on."""

import hashlib
import re
from datetime import date, datetime

from django.db import IntegrityError, transaction
from psycopg.types.range import DateRange

from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.period import Period as Days
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import queries as library
from tanhui.library.models import Scheme
from tanhui.registry.acts import claiming
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Period, Project

SHA256 = re.compile(r"[0-9a-f]{64}")


class NumberTaken(Refusal):
    code = "registry.project_number_taken"
    sentence = gettext_noop("Project number %(number)s belongs to %(name)s. Choose another number.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第十五条"


class ValidatorVerifies(Refusal):
    code = "registry.validator_verifies"
    sentence = gettext_noop(
        "%(body)s validated this project and cannot verify its reductions too. Name another verification body."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第十八条"


class NotAVerifier(Refusal):
    code = "registry.not_a_verifier"
    sentence = gettext_noop(
        "%(body)s is not an approved validation and verification body. Choose one from the published list."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十条"


class OutsideCrediting(Refusal):
    code = "registry.outside_crediting"
    sentence = gettext_noop(
        "The period %(first)s to %(last)s is not wholly inside the crediting period %(from)s to %(to)s. "
        "Verify only days inside it."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第十七条"


class PeriodsOverlap(Refusal):
    code = "registry.periods_overlap"
    sentence = gettext_noop(
        "Part of %(first)s to %(last)s is already in another verified period of this project. "
        "The same day cannot be credited twice."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十八条（唯一性）"


class HashMissing(Refusal):
    code = "registry.hash_missing"
    sentence = gettext_noop(
        "%(what)s must be the SHA-256 of the document as 64 hexadecimal digits. Without it nobody can recompute "
        "the quantity."
    )
    clause = "ARCHITECTURE.md §7"
    status = 422


class ProjectNotLive(Refusal):
    code = "registry.project_not_live"
    sentence = gettext_noop("Project %(project)s is %(state)s. Nothing can be verified or issued for it.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第十六条"


def takes_new_projects(methodology: str, scheme: str, *, on: date) -> None:
    """Refuse a methodology version that takes no new projects on a day; a project that has begun stays on its version.

    A version the library does not hold is refused under the schemes the library keeps, and let pass under those it does
    not (a demonstration's, a replayed register's). Refuses with ``library.methodology_unknown``,
    ``library.methodology_retired`` or ``library.methodology_not_yet``.
    """
    known = library.of_full_code(methodology)
    if known is not None:
        library.in_force(known.methodology.code, known.version, on)
    elif scheme in Scheme.values:
        raise library.MethodologyUnknown(methodology=methodology[:60])


@transaction.atomic
def register(
    *,
    number: int,
    name: str,
    kind: str,
    owner: Organisation,
    scheme: str,
    province: str,
    region: str,
    methodology: str,
    methodology_version: str,
    rule_pack: str,
    crediting: Days,
    validator: Organisation,
    signatures: Signatures,
    at: datetime,
) -> Project:
    """Enter a registered project. ``methodology`` is its whole code with version (``AR-CM-001-V01``), ``province`` the
    first two digits of GB/T 2260 (``00`` outside it).

    Refuses with ``NumberTaken``, ``NotAVerifier`` or as ``takes_new_projects``.
    """
    signatures.check_operator(at=at)
    takes_new_projects(methodology, scheme, on=clock.day(at))
    if taken := Project.objects.filter(number=number).first():
        raise NumberTaken(number=f"{number:06d}", name=taken.name)
    if validator.role != Organisation.Role.VERIFIER:
        raise NotAVerifier(body=validator.name)
    project = Project.objects.create(
        number=number,
        name=name,
        kind=kind,
        owner=owner,
        scheme=scheme,
        province=province,
        region=region,
        methodology=methodology,
        methodology_version=methodology_version,
        rule_pack=rule_pack,
        crediting=DateRange(crediting.start, crediting.end),
        validator=validator,
        registered_at=at,
    )
    record(
        kind="registry.project_registered",
        fact={
            "project": f"{number:06d}",
            "name": name,
            "type": kind,
            "owner": owner.name,
            "scheme": scheme,
            "province": province,
            "region": region,
            "methodology": methodology,
            "crediting": [crediting.start.isoformat(), crediting.last.isoformat() if crediting.last else None],
            "validator": validator.name,
            "rule_pack": rule_pack,
        },
        at=at,
        by=signatures.people["confirmer_id"],
    )
    return project


@transaction.atomic
def verify(
    *,
    project: Project,
    span: Days,
    verified_kg: int,
    verifier: Mandate,
    report_sha256: str,
    inputs_sha256: str,
    trace_sha256: str,
    at: datetime,
    bundle: bytes | None = None,
    demonstration: bool = False,
) -> Period:
    """Record the verified quantity of a monitoring period, on the verifier's word.

    ``inputs_sha256`` and ``trace_sha256`` are those of the methodology run whose public ``bundle`` lets anyone
    recompute the quantity, and says what it counts: parcels, meters, facilities, each of which is claimed for these
    days. Refuses with ``ValidatorVerifies``, ``NotAVerifier``, ``OutsideCrediting``, ``PeriodsOverlap``,
    ``HashMissing`` or ``ProjectNotLive``, and as ``claiming``.
    """
    body = verifier.membership.organisation
    if body.role != Organisation.Role.VERIFIER:
        raise NotAVerifier(body=body.name)
    if body.pk == project.validator_id:
        raise ValidatorVerifies(body=body.name)
    if project.state != Project.State.REGISTERED:
        raise ProjectNotLive(project=str(project), state=project.state)
    hashes = {"report": report_sha256, "inputs": inputs_sha256, "trace": trace_sha256}
    for what, value in hashes.items():
        if not SHA256.fullmatch(value):
            raise HashMissing(what=what)
    start, end, inside = span.start, span.closed(), project.crediting
    if start < inside.lower or (inside.upper is not None and end > inside.upper):
        raise OutsideCrediting(
            **{
                "first": start.isoformat(),
                "last": str(span.last),
                "from": inside.lower.isoformat(),
                "to": str(inside.upper),
            }
        )
    claims = claiming.claims(bundle, demonstration=demonstration) if bundle is not None else []
    try:
        with transaction.atomic():
            period = Period.objects.create(
                project=project,
                span=DateRange(start, end),
                verified_kg=verified_kg,
                verifier=body,
                report_sha256=report_sha256,
                inputs_sha256=inputs_sha256,
                trace_sha256=trace_sha256,
                bundle=bundle,
                demonstration=demonstration,
                verified_at=at,
                recorded_by=verifier.membership.person,
            )
    except IntegrityError as error:
        if "periods_of_a_project_never_overlap" not in str(error):
            raise
        raise PeriodsOverlap(first=start.isoformat(), last=str(span.last)) from error
    claiming.keep(period, claims)
    record(
        kind="registry.quantity_verified",
        fact={
            "project": f"{project.number:06d}",
            "period": [start.isoformat(), str(span.last)],
            "verified_kg": verified_kg,
            "verifier": body.name,
            "methodology": project.methodology,
            **{f"{what}_sha256": value for what, value in hashes.items()},
            **({"bundle_sha256": hashlib.sha256(bundle).hexdigest()} if bundle else {}),
            **({"demonstration": True} if demonstration else {}),
        },
        at=at,
        by=verifier.membership.person_id,
    )
    return period


@transaction.atomic
def end(*, project: Project, state: str, by: Person, at: datetime) -> Project:
    """Take a project out of the register for good (article 16): cancelled, or revoked. Units stay where they are.

    Refuses with ``ProjectNotLive``.
    """
    held = Project.objects.select_for_update().get(pk=project.pk)
    if held.state != Project.State.REGISTERED:
        raise ProjectNotLive(project=str(held), state=held.state)
    held.state = Project.State(state).value
    held.save(update_fields=["state"])
    record(
        kind=f"registry.project_{held.state.lower()}",
        fact={"project": f"{held.number:06d}", "name": held.name, "owner": held.owner.name},
        at=at,
        by=by.pk,
    )
    return held
