"""``tanhui identity``: the first bodies, people and mandates of a register, entered at the server itself.

Organisations then manage their members on their own pages; this is how an operator begins, appoints the first staff,
rotates the vault's keys, and asks who is in. Everything goes through the same acts and into the journal.
"""

import argparse
import getpass
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from tanhui.cli import house, say
from tanhui.kernel.refusal import Refusal, gettext_noop

REGISTERED = gettext_noop("Registered: %(name)s (%(uscc)s)")
ENROLLED = gettext_noop("Enrolled: %(name)s (%(username)s)")
GRANTED = gettext_noop("%(name)s may now %(capacity)s for %(organisation)s.")
TOKEN = gettext_noop("The token, shown this once; it ends in %(days)s days:")
GIVEN = gettext_noop("%(name)s now holds the duty %(duty)s.")
ROTATED = gettext_noop("%(count)s values were sealed anew under the key %(key)s.")
RESTING = gettext_noop("Key %(key)s: %(count)s values")
FORGOTTEN = gettext_noop("Forgotten: %(key)s")
PASSWORD = gettext_noop("Password for %(username)s: ")


class NobodyOfThatName(Refusal):
    code = "cli.nobody_of_that_name"
    sentence = gettext_noop("Nothing is registered under %(name)s. Enter it first, or check the spelling.")
    clause = "ARCHITECTURE.md §3"


class NotAnAdministrator(Refusal):
    code = "cli.not_an_administrator"
    sentence = gettext_noop(
        "%(name)s does not manage a registry operator. Give them the mandate MANAGE first, or name another."
    )
    clause = "GB/T 22239-2019 8.1.4.2 d"


class PasswordTooWeak(Refusal):
    code = "cli.password_too_weak"
    sentence = gettext_noop("This password is too weak: %(why)s Choose a longer, less common one.")
    clause = "GB/T 22239-2019 8.1.4.1 a"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("identity", help=gettext_noop("enter bodies, people, mandates and tokens"))
    verbs = parser.add_subparsers(dest="verb", required=True)

    body = verbs.add_parser("organisation", help=gettext_noop("register an organisation"))
    body.add_argument("uscc", help=gettext_noop("unified social credit code"))
    body.add_argument("name", help=gettext_noop("its full name"))
    body.add_argument("role", help=gettext_noop("AUTH, REG, EXC, VVB, OWN, PART … or another role"))
    body.set_defaults(run=organisation)

    who = verbs.add_parser("person", help=gettext_noop("let a person sign in; asks for the password"))
    who.add_argument("username", help=gettext_noop("the name to sign in with"))
    who.add_argument("name", help=gettext_noop("the person's name"))
    who.set_defaults(run=person)

    may = verbs.add_parser("mandate", help=gettext_noop("let a person act for an organisation"))
    may.add_argument("username", help=gettext_noop("the name to sign in with"))
    may.add_argument("uscc", help=gettext_noop("unified social credit code"))
    may.add_argument(
        "capacity", choices=("VIEW", "INITIATE", "CONFIRM", "MANAGE"), help=gettext_noop("what the person may do")
    )
    may.add_argument("--days", type=int, default=365, help=gettext_noop("how long the mandate lasts"))
    may.set_defaults(run=mandate)

    charge = verbs.add_parser("duty", help=gettext_noop("appoint a staff administrator, by two administrators"))
    charge.add_argument("username", help=gettext_noop("the name to sign in with"))
    charge.add_argument("kind", choices=("SYSTEM", "SECURITY", "AUDIT"), help=gettext_noop("which duty"))
    charge.add_argument("--by", required=True, help=gettext_noop("the administrator who asks, by sign-in name"))
    charge.add_argument("--and", dest="second", required=True, help=gettext_noop("the one who confirms"))
    charge.set_defaults(run=duty)

    listing = verbs.add_parser("list", help=gettext_noop("organisations, people, duties, or mandates that run out"))
    listing.add_argument("what", choices=sorted(LISTS), help=gettext_noop("what to list"))
    listing.add_argument("--days", type=int, default=30, help=gettext_noop("mandates that end within so many days"))
    listing.set_defaults(run=listed)

    keys = verbs.add_parser("rotate-keys", help=gettext_noop("seal what the vault keeps anew under a new key"))
    keys.add_argument("--keep-key", action="store_true", help=gettext_noop("make no new key; go on with the current"))
    keys.add_argument("--forget", action="store_true", help=gettext_noop("afterwards forget keys nothing rests on"))
    keys.set_defaults(run=rotate_keys)

    key = verbs.add_parser("token", help=gettext_noop("make a bearer token for the API"))
    key.add_argument("username", help=gettext_noop("the name to sign in with"))
    key.add_argument("label", help=gettext_noop("what the token is for"))
    key.add_argument("--days", type=int, default=90, help=gettext_noop("how long the token lasts"))
    key.set_defaults(run=token)

    for one in verbs.choices.values():
        one.add_argument("--json", action="store_true", help=gettext_noop("answer in JSON"))


def answer(args: argparse.Namespace, message: str, **facts: Any) -> None:
    """What was done, in a sentence or as JSON."""
    if args.json:
        print(json.dumps(facts, ensure_ascii=False, default=str))
    else:
        say.say(message, **facts)


def somebody(username: str) -> Any:
    from tanhui.identity.models import Person

    if (found := Person.objects.filter(username=username).first()) is None:
        raise NobodyOfThatName(name=username)
    return found


def organisation(args: argparse.Namespace) -> int:
    with house.opened():
        from django.utils import timezone

        from tanhui.identity.acts import enrolment
        from tanhui.identity.models import Organisation

        if args.role not in Organisation.Role.values:
            raise NobodyOfThatName(name=args.role)
        made = enrolment.register_organisation(uscc=args.uscc, name=args.name, role=args.role, at=timezone.now())
        answer(args, REGISTERED, name=made.name, uscc=made.uscc)
    return 0


def person(args: argparse.Namespace) -> int:
    with house.opened():
        from django.contrib.auth.password_validation import validate_password
        from django.core.exceptions import ValidationError
        from django.utils import timezone

        from tanhui.identity.acts import enrolment

        prompt = say.translated(PASSWORD, username=args.username)
        secret = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(secret)
        except ValidationError as weak:
            raise PasswordTooWeak(why=" ".join(weak.messages)) from weak
        made = enrolment.enrol(username=args.username, name=args.name, password=secret, at=timezone.now())
        answer(args, ENROLLED, name=made.name, username=made.username)
    return 0


def mandate(args: argparse.Namespace) -> int:
    with house.opened():
        from datetime import timedelta

        from django.utils import timezone

        from tanhui.identity.acts import enrolment
        from tanhui.identity.models import Organisation

        who = somebody(args.username)
        if (body := Organisation.objects.filter(uscc=args.uscc).first()) is None:
            raise NobodyOfThatName(name=args.uscc)
        now = timezone.now()
        enrolment.mandate(
            person=who,
            organisation=body,
            capacity=args.capacity,
            since_at=now,
            until_at=now + timedelta(days=args.days),
            at=now,
        )
        answer(args, GRANTED, name=who.name, capacity=args.capacity, organisation=body.name)
    return 0


def token(args: argparse.Namespace) -> int:
    with house.opened():
        from django.utils import timezone

        from tanhui.identity.acts import enrolment

        made = enrolment.make_token(
            person=somebody(args.username), label=args.label, days=args.days, at=timezone.now()
        )  # fmt: skip
        if args.json:
            print(json.dumps({"token": made, "days": args.days}))
        else:
            say.say(TOKEN, days=args.days)
            print(made)
    return 0


def duty(args: argparse.Namespace) -> int:
    with house.opened():
        from django.utils import timezone

        from tanhui.identity import access
        from tanhui.identity.acts import duty as acts

        now = timezone.now()
        who, first, second = somebody(args.username), somebody(args.by), somebody(args.second)
        managing = [manager(access, one, now) for one in (first, second)]
        asked = acts.propose(
            mandate=managing[0], person=who, kind=args.kind, reference=f"duty-{now:%Y%m%dT%H%M%S.%f}", at=now
        )  # fmt: skip
        acts.confirm(asked=asked, mandate=managing[1], at=now)
        answer(args, GIVEN, name=who.name, duty=args.kind)
    return 0


def manager(access: Any, who: Any, at: Any) -> Any:
    from django.http import Http404

    try:
        return access.registry_administrator(who, at=at)
    except Http404:
        raise NotAnAdministrator(name=who.username) from None


def rotate_keys(args: argparse.Namespace) -> int:
    with house.opened():
        from django.utils import timezone

        from tanhui.identity import vault
        from tanhui.identity.acts import keys

        now = timezone.now()
        current = vault.ring().current_id if args.keep_key else keys.make(at=now, by=None)
        answer(args, ROTATED, count=keys.reseal(), key=current)
        if args.forget:
            for gone in keys.forget(at=now, by=None):
                answer(args, FORGOTTEN, key=gone)
        for key, count in sorted(keys.resting().items()):
            answer(args, RESTING, key=key, count=count)
    return 0


def listed(args: argparse.Namespace) -> int:
    with house.opened():
        for row in LISTS[args.what](args):
            print(json.dumps(row, ensure_ascii=False, default=str) if args.json else "  ".join(map(str, row.values())))
    return 0


def organisations(_: argparse.Namespace) -> Iterable[Mapping[str, Any]]:
    from tanhui.identity.models import Organisation

    return Organisation.objects.order_by("uscc").values("uscc", "role", "name")


def people(_: argparse.Namespace) -> Iterable[Mapping[str, Any]]:
    from tanhui.identity.models import Person

    return Person.objects.order_by("username").values("username", "name", "kind", "is_active")


def duties(_: argparse.Namespace) -> Iterable[Mapping[str, Any]]:
    from tanhui.identity import roster

    return [{"duty": one.kind, "username": one.person.username, "since": one.since_at} for one in roster.duties()]


def mandates(args: argparse.Namespace) -> Iterable[Mapping[str, Any]]:
    from django.utils import timezone

    from tanhui.identity import roster

    return [
        {
            "until": one.until_at, "capacity": one.capacity, "username": one.membership.person.username,
            "uscc": one.membership.organisation.uscc, "organisation": one.membership.organisation.name,
        }
        for one in roster.mandates_ending(timezone.now(), within_days=args.days)
    ]  # fmt: skip


LISTS = {"organisations": organisations, "people": people, "duties": duties, "mandates": mandates}
