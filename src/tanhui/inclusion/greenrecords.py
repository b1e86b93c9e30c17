"""A green record as a file: what it says, signed with the key of the log; whether it may still be handed over."""

from datetime import date, datetime
from typing import Any

from tanhui.identity import vault
from tanhui.inclusion import holders, signed_files
from tanhui.inclusion.models import CreditConsent, CreditPaper
from tanhui.inclusion.queries import credit
from tanhui.journal import log
from tanhui.kernel import clock

digest = signed_files.digest


def signed(consent: CreditConsent, code: str, *, nonce: str, at: datetime) -> bytes:
    """The signed file of a record. ``nonce`` (32 hex digits) keeps its published hash from being guessed."""
    return signed_files.signed(signed_files.RECORD, body(consent, code, nonce=nonce, at=at), log.signer())


def body(consent: CreditConsent, code: str, *, nonce: str, at: datetime) -> dict[str, Any]:
    use = consent.use
    return {
        "record": code, "made_at": clock.for_machines(at), "nonce": nonce, "subject": subject(consent),
        "recipient": {"name": use.recipient, "uscc": use.uscc}, "evaluation": use.title, "purpose": use.purpose,
        "legal_basis": use.basis, "first": consent.first.isoformat(), "last": consent.last.isoformat(),
        "expires_on": consent.expires_on.isoformat(), "kinds": list(consent.kinds),
        "contents": credit.contents(consent),
        "consent": {
            "id": str(consent.pk), "given_at": clock.for_machines(consent.opened_at or at),
            "text": consent.text_version, "text_sha256": consent.text_sha256,
        },
    }  # fmt: skip


def subject(consent: CreditConsent) -> dict[str, str]:
    """Whose record it is: an organisation by its code, a person by name and masked number, as they gave them."""
    if consent.organisation is not None:
        return {"kind": "ORGANISATION", "name": consent.organisation.name, "uscc": consent.organisation.uscc}
    held = holders.of_account(consent.account_id or 0)
    return {"kind": "PERSON", "name": held.name if held else "", "mobile": held.masked if held else ""}


def content(paper: CreditPaper) -> bytes:
    return vault.opened(paper, "content").encode()


def opened(raw: bytes) -> dict[str, Any]:
    """What a record says, once our signature holds. Refuses as ``signed_files.opened``."""
    return signed_files.opened(raw, signed_files.RECORD, [log.signer().verifier])


def over(consent: CreditConsent, today: date) -> date | None:
    """The day from which nothing more is handed over under a consent; none while it stands."""
    if consent.ended_at is not None:
        return clock.day(consent.ended_at)
    if consent.account is not None and consent.account.closed_at is not None:
        return clock.day(consent.account.closed_at)
    if consent.opened_at is None:
        return today
    return consent.expires_on if consent.expires_on < today else None
