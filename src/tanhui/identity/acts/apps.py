"""Apps that show people what is theirs: registered by two people of the operator, and let in by each person alone
(OAuth 2.0, authorization code with PKCE). An app learns no more than the scopes somebody granted, until they end it."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client, Token
from django.db import transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop

PERSONAL = ("inclusion.account",)  # scopes a person can grant
ACT = "identity.register_app"
NAME, RETURNS, ADDRESS = 60, 5, 200  # characters of a name; return addresses; characters of one
OPEN_FOR = timedelta(days=7)


class ReturnAddressWrong(Refusal):
    code = "identity.return_address_wrong"
    sentence = gettext_noop(
        "“%(given)s” is no address an app can be sent back to. Give one that begins with https:// and has no fragment."
    )
    clause = "RFC 6749 §3.1.2, RFC 9700 §4.1"
    status = 422


class NotPersonal(Refusal):
    code = "identity.scope_not_personal"
    sentence = gettext_noop("Nobody can grant “%(scope)s” to an app. Choose among %(known)s.")
    clause = "RFC 6749 §3.3"
    status = 422


class AppNameless(Refusal):
    code = "identity.app_nameless"
    sentence = gettext_noop(
        "Give the app the name people know it by, at most %(most)s characters, and 1 to %(returns)s return addresses."
    )
    clause = "RFC 6749 §2"
    status = 422


class AppStandsOtherwise(Refusal):
    code = "identity.app_stands_otherwise"
    sentence = gettext_noop("The app “%(name)s” is suspended or revoked, or works already. Look at it again.")
    clause = "GB/T 22239-2019 8.1.4.2 c"


class AppReasonMissing(Refusal):
    code = "identity.app_reason_missing"
    sentence = gettext_noop("Whoever takes something from an app says why. Write the reason.")
    clause = "rules R-05"
    status = 422


# -- registering -------------------------------------------------------------------------------------------------------


def ask(
    *, organisation: Organisation, name: str, back: Collection[str], scopes: Collection[str], mandate: Mandate,
    reference: str, at: datetime,
) -> Instruction:  # fmt: skip
    """The first signature under an app of an ``organisation``, by the operator of ``mandate``. Refuses with
    ``AppNameless``, ``ReturnAddressWrong``, ``NotPersonal`` or as ``instructions.initiate``."""
    body = checked(name, back, scopes) | {"organisation": organisation.uscc}
    return instructions.initiate(
        act=ACT, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + OPEN_FOR,
        prepare=lambda asked: None,
    )  # fmt: skip


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> tuple[Client, str]:
    """The second signature registers it: the app and its secret, shown this once to whoever signed; asked again the
    secret is empty. Refuses as ``instructions.confirm``."""
    made: list[str] = []

    def carry_out(one: Instruction) -> Mapping[str, Any]:
        owner = Organisation.objects.get(uscc=one.body["organisation"])
        client, secret = register(
            organisation=owner, name=one.body["name"], back=one.body["back"], scopes=one.body["scopes"], at=at,
            by=mandate.membership.person,
        )  # fmt: skip
        made.append(secret)
        return {"client": client.pk}

    decision = instructions.confirm(instruction=asked, mandate=mandate, at=at, carry_out=carry_out)
    return Client.objects.get(pk=decision.result["client"]), made[0] if made else ""


def drop(*, asked: Instruction, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """Taken back by whoever asked, or not signed by another. Refuses as ``instructions.drop``."""
    own = mandate.membership.person_id == asked.initiator_id
    outcome = Decision.Outcome.WITHDRAWN if own else Decision.Outcome.REJECTED
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason.strip()[:200], undo=lambda one: None
    )


@transaction.atomic
def register(
    *, organisation: Organisation, name: str, back: Collection[str], scopes: Collection[str], at: datetime, by: Person
) -> tuple[Client, str]:
    """An app of an organisation and its secret, shown this once. Refuses as ``ask``; whether ``by`` may register it,
    the door asked."""
    body = checked(name, back, scopes)
    secret = secrets.token_urlsafe(32)
    client = Client(id=f"a-{secrets.token_hex(10)}", name=body["name"], skip_consent=False, created_at=at)
    client.data = {"organisation": organisation.uscc}
    client.set_secret(secret)
    client.set_scopes(body["scopes"])
    client.set_grant_types([Client.GrantType.AUTHORIZATION_CODE])
    client.set_redirect_uris(body["back"])
    client.save(force_insert=True)
    tell("registered", client, at, by, scopes=body["scopes"])
    return client, secret


def checked(name: str, back: Collection[str], scopes: Collection[str]) -> dict[str, Any]:
    """What an app is registered with, normalised."""
    name, addresses = " ".join(name.split()), list(dict.fromkeys(one.strip() for one in back if one.strip()))
    for one in addresses:
        check_address(one)
    for scope in scopes:
        if scope not in PERSONAL:
            raise NotPersonal(scope=scope[:60], known=", ".join(PERSONAL))
    if not 0 < len(name) <= NAME or not name.isprintable() or not 1 <= len(addresses) <= RETURNS:
        raise AppNameless(most=NAME, returns=RETURNS)
    return {"name": name, "back": addresses, "scopes": sorted(set(scopes))}


def check_address(given: str) -> None:
    try:
        parts = urlsplit(given)
        good = parts.scheme == "https" and bool(parts.hostname) and not parts.fragment and "#" not in given
        good = good and parts.username is None and (parts.port or 443) > 0
    except ValueError:
        good = False
    if not good or len(given) > ADDRESS or not given.isprintable() or any(map(str.isspace, given)) or "," in given:
        raise ReturnAddressWrong(given=given[:80])


# -- afterwards --------------------------------------------------------------------------------------------------------


def state(client: Client) -> str:
    """``OPEN``, ``SUSPENDED`` or ``REVOKED``."""
    if "revoked_at" in client.data:
        return "REVOKED"
    return "SUSPENDED" if "suspended_at" in client.data else "OPEN"


@transaction.atomic
def suspend(*, client: Client, reason: str, at: datetime, by: Person) -> Client:
    """Nobody is asked to let it in any more, and no token of it is good until it goes on. Refuses with
    ``AppStandsOtherwise`` or ``AppReasonMissing``."""
    held = locked(client, "OPEN")
    held.data = {**held.data, "suspended_at": at.isoformat(), "reason": written(reason)}
    held.set_grant_types([])
    held.save(update_fields=["data", "grant_types"])
    tell("suspended", held, at, by)
    return held


@transaction.atomic
def resume(*, client: Client, at: datetime, by: Person) -> Client:
    """A suspended app goes on; who let it in before need not do so again. Refuses with ``AppStandsOtherwise``."""
    held = locked(client, "SUSPENDED")
    held.data = {name: value for name, value in held.data.items() if name not in ("suspended_at", "reason")}
    held.set_grant_types([Client.GrantType.AUTHORIZATION_CODE])
    held.save(update_fields=["data", "grant_types"])
    tell("resumed", held, at, by)
    return held


@transaction.atomic
def revoke(*, client: Client, reason: str, at: datetime, by: Person) -> Client:
    """For good: its secret and all its tokens. Refuses with ``AppStandsOtherwise`` or ``AppReasonMissing``."""
    held = locked(client, "OPEN", "SUSPENDED")
    Token.objects.filter(client=held).delete()
    held.secret, held.data = "!", {**held.data, "revoked_at": at.isoformat(), "reason": written(reason)}
    held.set_grant_types([])
    held.save(update_fields=["secret", "data", "grant_types"])
    tell("revoked", held, at, by)
    return held


@transaction.atomic
def rotate(*, client: Client, at: datetime, by: Person) -> str:
    """A new secret, shown this once; the old one is good for nothing. Refuses with ``AppStandsOtherwise``."""
    held = locked(client, "OPEN")
    secret = secrets.token_urlsafe(32)
    held.set_secret(secret)
    held.save(update_fields=["secret"])
    tell("rotated", held, at, by)
    return secret


@transaction.atomic
def end(*, person: Person, client: Client, at: datetime) -> int:
    """Take back what a person granted an app: its tokens of theirs are good for nothing; returns how many."""
    gone: int = Token.objects.filter(user=person, client=client).delete()[0]
    record(kind="identity.app_ended", fact={}, private={"client": client.pk, "person": person.pk}, at=at, by=person.pk)
    return gone


def locked(client: Client, *states: str) -> Client:
    held: Client = Client.objects.select_for_update().get(pk=client.pk)
    if state(held) not in states:
        raise AppStandsOtherwise(name=held.name)
    return held


def written(reason: str) -> str:
    if not (reason := reason.strip()[:200]):
        raise AppReasonMissing
    return reason


def tell(what: str, client: Client, at: datetime, by: Person, **facts: object) -> None:
    record(
        kind=f"identity.app_{what}", fact={"organisation": client.data["organisation"], **facts},
        private={"client": client.pk, "name": client.name}, at=at, by=by.pk,
    )  # fmt: skip
