"""Entering meters and sensors, their certificates, and the secret by which each says who it is."""

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Mandate
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.models import Certificate, Development, Device
from tanhui.projects.readings import HOUSE

CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{1,39}", re.ASCII)


class DeviceUnreadable(Refusal):
    code = "projects.device_unreadable"
    sentence = gettext_noop(
        "A device has a code of capital letters, digits, dots and dashes, a name, a unit, a range, and an interval "
        "of one "
        "second to 31 days. Correct %(field)s."
    )
    clause = HOUSE
    status = 422


class DeviceTaken(Refusal):
    code = "projects.device_taken"
    sentence = gettext_noop("The device code %(code)s is taken. A device keeps its code for life; give another one.")
    clause = HOUSE


class NotTheOwner(Refusal):
    code = "projects.not_the_owner_of_it"
    sentence = gettext_noop(
        "%(project)s belongs to %(owner)s. A device is entered for a project of its own organisation."
    )
    clause = HOUSE
    status = 403


class KeyUnreadable(Refusal):
    code = "projects.device_key_unreadable"
    sentence = gettext_noop("This is no Ed25519 public key: 32 bytes in Base64 are asked for. Copy it again.")
    clause = "RFC 8032"
    status = 422


class CertificateUnreadable(Refusal):
    code = "projects.certificate_unreadable"
    sentence = gettext_noop(
        "A calibration certificate has a number, a laboratory, a first and a last day, and a permissible error above "
        "zero."
    )
    clause = HOUSE
    status = 422


class CertificateTaken(Refusal):
    code = "projects.certificate_taken"
    sentence = gettext_noop("Certificate %(number)s of this device is on file. Enter the new one under its own number.")
    clause = HOUSE


@dataclass(frozen=True)
class About:
    """What is entered of a device; ``longitude`` and ``latitude`` in degrees, CGCS2000."""

    code: str
    name: str
    kind: str
    unit: str
    interval_s: int
    low: Decimal
    high: Decimal
    counter: bool = False
    maker: str = ""
    place: str = ""
    longitude: Decimal | None = None
    latitude: Decimal | None = None
    public_key: str = ""


@transaction.atomic
def register(
    *, about: About, development: Development | None, mandate: Mandate, at: datetime, reference: Device | None = None
) -> tuple[Device, str]:
    """Enter a device; returns it and the token it proves itself with, which is shown this once and kept as a hash.

    Refuses with ``DeviceUnreadable``, ``DeviceTaken``, ``KeyUnreadable``, ``NotTheOwner``, or as the mandate is judged.
    """
    organisation = mandate.membership.organisation
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=organisation.pk, at=at)
    check(about)
    if development is not None and development.owner_id != organisation.pk:
        raise NotTheOwner(project=str(development), owner=development.owner.name)
    if Device.objects.filter(code=about.code).exists():
        raise DeviceTaken(code=about.code)
    token = secrets.token_urlsafe(32)
    made = Device.objects.create(
        organisation=organisation, development=development, reference=reference, by=mandate.membership.person, at=at,
        token_sha256=hashlib.sha256(token.encode()).hexdigest(), **vars(about),
    )  # fmt: skip
    tell("projects.device_entered", made, mandate, at)
    return made, token


def check(about: About) -> None:
    wrong = (
        "code" if not CODE.fullmatch(about.code)
        else "name" if not about.name.strip()
        else "kind" if about.kind not in Device.Kind.values
        else "unit" if not about.unit.strip()
        else "range" if about.low >= about.high
        else "interval" if not 1 <= about.interval_s <= 31 * 86_400
        else "position" if (about.longitude is None) != (about.latitude is None)
        else ""
    )  # fmt: skip
    if wrong:
        raise DeviceUnreadable(field=wrong)
    if about.public_key:
        key(about.public_key)


def key(text: str) -> Ed25519PublicKey:
    """The public key. Refuses with ``KeyUnreadable``."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as fault:
        raise KeyUnreadable from fault


def signed_by(public_key: str, signature: str, body: bytes) -> bool:
    """Whether a signature in Base64 is that key's over these bytes."""
    try:
        key(public_key).verify(base64.b64decode(signature, validate=True), body)
    except (InvalidSignature, KeyUnreadable, ValueError):
        return False
    return True


@transaction.atomic
def renew(*, device: Device, mandate: Mandate, at: datetime) -> str:
    """A new token in place of the old one, which is good no longer. Refuses as the mandate is judged."""
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=device.organisation_id, at=at)
    token = secrets.token_urlsafe(32)
    device.token_sha256 = hashlib.sha256(token.encode()).hexdigest()
    device.save(update_fields=["token_sha256"])
    tell("projects.device_token_renewed", device, mandate, at)
    return token


@transaction.atomic
def turn(*, device: Device, state: str, mandate: Mandate, at: datetime) -> None:
    """Stop a device, so that nothing of it is taken, or let it go on. Refuses as the mandate is judged."""
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=device.organisation_id, at=at)
    if device.state == state:
        return
    device.state = Device.State(state).value
    device.save(update_fields=["state"])
    tell("projects.device_stopped" if state == Device.State.STOPPED else "projects.device_resumed", device, mandate, at)


@transaction.atomic
def certify(
    *, device: Device, number: str, laboratory: str, since: date, until: date, permissible: Decimal, mandate: Mandate,
    at: datetime, document: UUID | None = None,
) -> Certificate:  # fmt: skip
    """Enter a calibration certificate. Refuses with ``CertificateUnreadable``, ``CertificateTaken``, or as the mandate
    is judged."""
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=device.organisation_id, at=at)
    if not number.strip() or not laboratory.strip() or since > until or permissible <= 0:
        raise CertificateUnreadable
    if device.certificates.filter(number=number.strip()).exists():
        raise CertificateTaken(number=number.strip()[:60])
    entry = record(
        kind="projects.device_certified",
        fact={"device": device.code, "since": since.isoformat(), "until": until.isoformat()},
        private={"number": number.strip(), "laboratory": laboratory.strip()},
        at=at, by=mandate.membership.person_id,
    )  # fmt: skip
    return Certificate.objects.create(
        device=device, number=number.strip(), laboratory=laboratory.strip(), since=since, until=until,
        permissible=permissible, document=document, entry=entry, by=mandate.membership.person, at=at,
    )  # fmt: skip


def tell(kind: str, device: Device, mandate: Mandate, at: datetime) -> None:
    record(
        kind=kind,
        fact={"device": device.code, "device_kind": device.kind},
        private={"organisation": device.organisation.uscc, "name": device.name},
        at=at,
        by=mandate.membership.person_id,
    )
