"""``tanhui identity``: the first bodies, people and mandates of a register, entered at the server itself.

The identity room's own pages come with joint account opening; this is how an operator begins, and how a machine gets a
token. Everything goes through the same acts and into the journal.
"""

import argparse
import getpass
import sys

from tanhui.cli import house, say
from tanhui.kernel.refusal import Refusal, gettext_noop

REGISTERED = gettext_noop("Registered: %(name)s (%(uscc)s)")
ENROLLED = gettext_noop("Enrolled: %(name)s (%(username)s)")
GRANTED = gettext_noop("%(name)s may now %(capacity)s for %(organisation)s.")
TOKEN = gettext_noop("The token, shown this once; it ends in %(days)s days:")
PASSWORD = gettext_noop("Password for %(username)s: ")


class NobodyOfThatName(Refusal):
    code = "cli.nobody_of_that_name"
    sentence = gettext_noop("Nothing is registered under %(name)s. Enter it first, or check the spelling.")
    clause = "ARCHITECTURE.md §3"


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
    body.add_argument("role", help=gettext_noop("AUTH, REG, EXC, VVB, OWN, PART, PLED or COURT"))
    body.set_defaults(run=organisation)

    who = verbs.add_parser("person", help=gettext_noop("let a person sign in; asks for the password"))
    who.add_argument("username", help=gettext_noop("the name to sign in with"))
    who.add_argument("name", help=gettext_noop("the person's name"))
    who.set_defaults(run=person)

    may = verbs.add_parser("mandate", help=gettext_noop("let a person act for an organisation"))
    may.add_argument("username", help=gettext_noop("the name to sign in with"))
    may.add_argument("uscc", help=gettext_noop("unified social credit code"))
    may.add_argument("capacity", choices=("VIEW", "INITIATE", "CONFIRM"), help=gettext_noop("what the person may do"))
    may.add_argument("--days", type=int, default=365, help=gettext_noop("how long the mandate lasts"))
    may.set_defaults(run=mandate)

    key = verbs.add_parser("token", help=gettext_noop("make a bearer token for the API"))
    key.add_argument("username", help=gettext_noop("the name to sign in with"))
    key.add_argument("label", help=gettext_noop("what the token is for"))
    key.add_argument("--days", type=int, default=90, help=gettext_noop("how long the token lasts"))
    key.set_defaults(run=token)


def organisation(args: argparse.Namespace) -> int:
    with house.opened():
        from django.utils import timezone

        from tanhui.identity.acts import enrolment
        from tanhui.identity.models import Organisation

        if args.role not in Organisation.Role.values:
            raise NobodyOfThatName(name=args.role)
        made = enrolment.register_organisation(uscc=args.uscc, name=args.name, role=args.role, at=timezone.now())
        say.say(REGISTERED, name=made.name, uscc=made.uscc)
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
        say.say(ENROLLED, name=made.name, username=made.username)
    return 0


def mandate(args: argparse.Namespace) -> int:
    with house.opened():
        from datetime import timedelta

        from django.utils import timezone

        from tanhui.identity.acts import enrolment
        from tanhui.identity.models import Organisation, Person

        who = Person.objects.filter(username=args.username).first()
        body = Organisation.objects.filter(uscc=args.uscc).first()
        if who is None or body is None:
            raise NobodyOfThatName(name=args.username if who is None else args.uscc)
        now = timezone.now()
        enrolment.mandate(
            person=who,
            organisation=body,
            capacity=args.capacity,
            since_at=now,
            until_at=now + timedelta(days=args.days),
            at=now,
        )
        say.say(GRANTED, name=who.name, capacity=args.capacity, organisation=body.name)
    return 0


def token(args: argparse.Namespace) -> int:
    with house.opened():
        from django.utils import timezone

        from tanhui.identity.acts import enrolment
        from tanhui.identity.models import Person

        who = Person.objects.filter(username=args.username).first()
        if who is None:
            raise NobodyOfThatName(name=args.username)
        made = enrolment.make_token(person=who, label=args.label, days=args.days, at=timezone.now())
        say.say(TOKEN, days=args.days)
        print(made)
    return 0
