"""Opening a development, filling in its draft, and giving it land, meters and parties."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import shapely
from django.db import IntegrityError, connection, transaction
from psycopg.types.range import DateRange
from shapely.geometry.base import BaseGeometry

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel.period import DAY
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import deadlines, machine, numbers, shapes, sheets
from tanhui.projects.acts import steps
from tanhui.projects.models import Boundary, Development, Facility, ParcelVersion
from tanhui.projects.refusals import ORDER_31

DIVISION = re.compile(r"[1-9][0-9]{5}(?:[0-9]{3}){0,2}", re.ASCII)
METHODOLOGY = re.compile(r"[A-Z0-9][A-Z0-9.-]{1,31}", re.ASCII)
EDITABLE = ("DRAFT", "CLEARED", "NOTIFIED", "RETURNED")
LAND_EDITABLE = ("DRAFT",)
MOST = 5000  # outlines of one development
LOCKED_AFTER_FILING = ("crediting_first", "crediting_last", "county", "city")


class NotTheOwner(Refusal):
    code = "projects.not_the_owner"
    sentence = gettext_noop("%(organisation)s does not own %(what)s. Only its owner, %(owner)s, can change it.")
    clause = ORDER_31 + "第十一条"
    status = 403


class NotEditable(Refusal):
    code = "projects.not_editable"
    sentence = gettext_noop("%(what)s is at “%(state)s” and cannot be changed there. Wait until it is returned.")
    clause = ORDER_31 + "第十一条"


class NameMissing(Refusal):
    code = "projects.name_missing"
    sentence = gettext_noop("Give the project a name of at most 120 characters.")
    clause = ORDER_31 + "第十一条"
    status = 422


class DivisionUnreadable(Refusal):
    code = "projects.division_unreadable"
    sentence = gettext_noop(
        "“%(code)s” is no administrative division code. Write the 6 digits of the district, or 9 or 12 of a town or "
        "village."
    )
    clause = "GB/T 2260; GB/T 10114"
    status = 422


class SchemeUnfit(Refusal):
    code = "projects.scheme_unfit"
    sentence = gettext_noop("Under “%(profile)s” there is no scheme %(scheme)s. Choose one of: %(known)s.")
    clause = ORDER_31 + "第二条"
    status = 422


class MethodologyUnreadable(Refusal):
    code = "projects.methodology_unreadable"
    sentence = gettext_noop("“%(code)s” is no code of a methodology with its version, as CCER-14-001-V01 is.")
    clause = ORDER_31 + "第八条"
    status = 422


class AnswerUnusable(Refusal):
    code = "projects.answer_unusable"
    sentence = gettext_noop("“%(field)s” cannot be kept: it is no question of the draft, or the answer is too long.")
    clause = "ARCHITECTURE.md §2"
    status = 422


class CreditingBackwards(Refusal):
    code = "projects.crediting_backwards"
    sentence = gettext_noop("The crediting period would end on %(last)s before it begins on %(first)s.")
    clause = ORDER_31 + "第八条"
    status = 422


class FiledAlready(Refusal):
    code = "projects.filed_already"
    sentence = gettext_noop(
        "“%(field)s” was reviewed by the county and filed by the city, and stays as it was filed. To change it, "
        "withdraw the project and open it anew."
    )
    clause = "《赤峰市生态碳汇实施方案》五（四）"


class BodyUnfit(Refusal):
    code = "projects.body_unfit"
    sentence = gettext_noop("%(body)s cannot be named there. Choose an organisation of the right kind from the list.")
    clause = ORDER_31 + "第十二条、第三十条"
    status = 422


class BodyReported(Refusal):
    code = "projects.body_reported"
    sentence = gettext_noop(
        "%(body)s has handed in its report already, and the project stands on it: no other body takes its place. Leave "
        "it named, or withdraw and begin anew."
    )
    clause = ORDER_31 + "第十二条、第十八条、第十九条"


class OutlineUnusable(Refusal):
    code = "projects.outline_unusable"
    sentence = gettext_noop(
        "The outline “%(name)s” cannot be used: %(problem)s. Correct it in the source and hand it in again."
    )
    clause = ORDER_31 + "第十一条（项目边界）"
    status = 422


class TooManyOutlines(Refusal):
    code = "projects.too_many_outlines"
    sentence = gettext_noop("A project has at most %(most)s outlines; this would make %(count)s. Split the project.")
    clause = "ARCHITECTURE.md §5"
    status = 422


class ParcelElsewhere(Refusal):
    code = "projects.parcel_elsewhere"
    sentence = gettext_noop("%(count)s of these parcels are not yours to take over, or are no longer current.")
    clause = ORDER_31 + "第十条"
    status = 403


@transaction.atomic
def open_development(
    *, name: str, profile: str, scheme: str, methodology: str, division_code: str, mandate: Mandate, at: datetime,
    rule_pack: str = "",
) -> Development:  # fmt: skip
    """Open a development for the mandate's organisation.

    ``profile`` is the procedure, ``rule_pack`` the pack of its numbers (the procedure's own where none is given).
    Refuses with ``NameMissing``, ``DivisionUnreadable``, ``SchemeUnfit``, ``MethodologyUnreadable``,
    ``machine.ProfileUnknown`` or as ``instruction.check_mandate``.
    """
    body = mandate.membership.organisation
    instruction.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=body.pk, at=at)
    chosen, told = machine.profile(profile), name.strip()
    if not told or len(told) > 120 or "\x00" in told:
        raise NameMissing
    if not DIVISION.fullmatch(division_code):
        raise DivisionUnreadable(code=division_code[:20])
    if scheme not in chosen.schemes:
        raise SchemeUnfit(profile=str(chosen.label), scheme=scheme[:12], known="、".join(chosen.schemes))
    if not METHODOLOGY.fullmatch(methodology):
        raise MethodologyUnreadable(code=methodology[:40])
    made = Development.objects.create(
        number=next_number(), name=told, profile=chosen.code, scheme=scheme,
        rule_pack=rule_pack or chosen.rule_pack, local_pack=numbers.local_pack(division_code),
        methodology=methodology, owner=body, division_code=division_code, state=chosen.development.first,
        stage_since=at, opened_by=mandate.membership.person, opened_at=at, changed_at=at,
    )  # fmt: skip
    record(
        kind="projects.development_opened",
        fact={"development": made.code, "procedure": f"{chosen.code}/{chosen.version}", "methodology": methodology},
        private={"development": str(made.pk), "name": told, "organisation": body.uscc},
        at=at,
        by=mandate.membership.person_id,
    )
    return made


def next_number() -> int:
    """The next number of a development; of two at once the second waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('projects_development', 0))")
        cursor.execute("SELECT coalesce(max(number), 0) + 1 FROM projects_development")
        number: int = cursor.fetchone()[0]
    return number


@transaction.atomic
def keep(
    *, development: Development, answers: Mapping[str, str], revision: int, mandate: Mandate, at: datetime
) -> Development:
    """Keep what is filled in so far, complete or not; the same again changes nothing.

    Refuses with ``NotTheOwner``, ``NotEditable``, ``AnswerUnusable``, ``CreditingBackwards``, ``FiledAlready``,
    ``BodyUnfit``, ``BodyReported`` or ``steps.ChangedSince``.
    """
    held = editable(development, mandate, at=at)
    told = {name: said.strip() for name, said in answers.items()}
    for name, said in told.items():
        field = sheets.FIELDS.get(name)
        if field is None or len(said) > sheets.LONGEST[field.kind] or "\x00" in said:
            raise AnswerUnusable(field=str(field.label) if field else name[:40])
    if held.draft | told == held.draft:
        return held
    steps.check_revision(held, revision)
    if held.state != "DRAFT":
        for name in LOCKED_AFTER_FILING:
            if name in told and told[name] != sheets.filled(held, name):
                raise FiledAlready(field=str(sheets.FIELDS[name].label))
    if told.get("validator", filled := sheets.filled(held, "validator")) != filled and held.validations.exists():
        raise BodyReported(body=str(held.validator or "—"))
    held.draft = held.draft | told
    held.crediting = crediting(held)
    for name in ("validator", "county", "city"):
        if name in told:
            setattr(held, name, named(told[name], sheets.FIELDS[name], held))
    steps.touch(held, at)
    return held


def crediting(held: Development) -> DateRange | None:
    """The crediting period as it was filled in. Refuses with ``CreditingBackwards``."""
    first, last = sheets.day(held, "crediting_first"), sheets.day(held, "crediting_last")
    if first is None or last is None:
        return None
    if last < first:
        raise CreditingBackwards(first=first.isoformat(), last=last.isoformat())
    return DateRange(first, min(last, date.max - DAY) + DAY)


def named(code: str, field: sheets.Field, held: Development) -> Organisation | None:
    """An organisation by its unified social credit code, of a role that fits. Refuses with ``BodyUnfit``."""
    if not code:
        return None
    found = Organisation.objects.filter(uscc=code, role__in=field.roles).exclude(pk=held.owner_id).first()
    if found is None:
        raise BodyUnfit(body=code[:24])
    return found


def editable(
    development: Development, mandate: Mandate, *, at: datetime, where: Sequence[str] = EDITABLE
) -> Development:
    """The row, locked, if this mandate may change it now. Refuses with ``NotTheOwner`` or ``NotEditable``."""
    held = steps.locked(development)
    assert isinstance(held, Development)
    body = mandate.membership.organisation
    if body.pk != held.owner_id:
        raise NotTheOwner(organisation=body.name, what=held.code, owner=held.owner.name)
    instruction.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=body.pk, at=at)
    if held.state not in where:
        raise NotEditable(what=held.code, state=str(deadlines.state(held).label))
    return held


# -- land and meters ---------------------------------------------------------------------------------------------------


@transaction.atomic
def take_parcels(
    *, development: Development, parcels: Iterable[ParcelVersion], mandate: Mandate, at: datetime
) -> list[Boundary]:
    """Take the outlines of the owner's parcels over, as they are now; a parcel that is taken already stays.

    Refuses with ``ParcelElsewhere``, ``TooManyOutlines``, ``NotTheOwner`` or ``NotEditable``.
    """
    held = editable(development, mandate, at=at, where=LAND_EDITABLE)
    wanted = list(parcels)
    foreign = [one for one in wanted if one.parcel.organisation_id != held.owner_id]
    if foreign:
        raise ParcelElsewhere(count=len(foreign))
    here = set(held.boundaries.exclude(parcel_version=None).values_list("parcel_version__parcel", flat=True))
    new = [one for one in wanted if one.parcel_id not in here]
    count = held.boundaries.count() + len(new)
    if count > MOST:
        raise TooManyOutlines(most=MOST, count=count)
    made = Boundary.objects.bulk_create([
        Boundary(
            development=held, parcel_version=one, name=parcel_name(held, one), geometry=bytes(one.geometry),
            box=shapes.geometry(one.geometry), area_m2=one.area_m2, geometry_sha256=one.geometry_sha256,
        )
        for one in new
    ])  # fmt: skip
    if made:
        steps.touch(held, at)
    return made


def parcel_name(held: Development, one: ParcelVersion) -> str:
    return f"{one.parcel.division_code} {one.parcel.code}"[:80]


@transaction.atomic
def draw(
    *, development: Development, outlines: Sequence[tuple[str, BaseGeometry]], mandate: Mandate, at: datetime
) -> list[Boundary]:
    """Add outlines that were handed in, in degrees of CGCS2000, each with its name; all of them or none.

    Refuses with ``OutlineUnusable``, ``TooManyOutlines``, ``NotTheOwner`` or ``NotEditable``.
    """
    held = editable(development, mandate, at=at, where=LAND_EDITABLE)
    count = held.boundaries.count() + len(outlines)
    if count > MOST:
        raise TooManyOutlines(most=MOST, count=count)
    rows = [outlined(held, name.strip()[:80] or str(place), one) for place, (name, one) in enumerate(outlines, 1)]
    try:
        with transaction.atomic():
            made = Boundary.objects.bulk_create(rows)
    except IntegrityError as error:
        if "a_boundary_is_named_once" not in str(error):
            raise
        raise OutlineUnusable(name=rows[0].name, problem="名称重复 / name used twice") from error
    if made:
        steps.touch(held, at)
    return made


def outlined(held: Development, name: str, one: BaseGeometry) -> Boundary:
    """A row for an outline. Refuses with ``OutlineUnusable`` what is no area, crosses itself or lies nowhere."""
    plain = shapely.force_2d(one)
    if plain.is_empty or plain.geom_type not in {"Polygon", "MultiPolygon"}:
        raise OutlineUnusable(name=name, problem=f"{one.geom_type}")
    if not plain.is_valid:
        raise OutlineUnusable(name=name, problem=shapely.is_valid_reason(plain))
    west, south, east, north = plain.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise OutlineUnusable(name=name, problem=f"({west:.1f}, {south:.1f})")
    area = shapes.area_m2(plain)
    if area < 1:
        raise OutlineUnusable(name=name, problem="0 m²")
    return Boundary(
        development=held, name=name, geometry=shapes.wkb(plain), box=plain, area_m2=area,
        geometry_sha256=shapes.digest(plain),
    )  # fmt: skip


@transaction.atomic
def leave_out(*, development: Development, boundaries: Iterable[int], mandate: Mandate, at: datetime) -> int:
    """Take outlines out of the draft again. Refuses with ``NotTheOwner`` or ``NotEditable``."""
    held = editable(development, mandate, at=at, where=LAND_EDITABLE)
    gone, _ = held.boundaries.filter(pk__in=list(boundaries)).delete()
    if gone:
        steps.touch(held, at)
    return gone


@transaction.atomic
def list_facilities(
    *, development: Development, kind: str, keys: Iterable[str], mandate: Mandate, at: datetime
) -> list[Facility]:
    """Say which meters or facilities the project is about; what was listed of the kind before is replaced.

    Refuses with ``AnswerUnusable``, ``NotTheOwner`` or ``NotEditable``.
    """
    held = editable(development, mandate, at=at, where=LAND_EDITABLE)
    wanted = list(dict.fromkeys(key.strip() for key in keys if key.strip()))
    if kind not in Facility.Kind.values or len(wanted) > MOST or any(len(k) > 80 or "\x00" in k for k in wanted):
        raise AnswerUnusable(field=kind[:20])
    held.facilities.filter(kind=kind).delete()
    made = Facility.objects.bulk_create([Facility(development=held, kind=kind, key=key) for key in wanted])
    steps.touch(held, at)
    return made
