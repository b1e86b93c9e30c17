"""The bodies a replay acts for: the registry operator, listing registries, verifiers, operators, compliance entities.

The source gives entities a number; operators, verifiers and registries have only names, so their code here is made of
the name and says so. Stand-ins sign, since the source names no signatory: two for those who oversee and two for those
who hold, as nobody may do both (R-07).
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from tanhui.identity import rules
from tanhui.identity.acts import enrolment
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.registry.acts import account
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Account, SubAccount

REGISTER = "X-CARB-"
LISTING = {"CAR": "Climate Action Reserve", "ACR": "American Carbon Registry", "VCS": "Verified Carbon Standard"}
LISTING_ELSE = "Early Action Offset Program (not named)"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation, who signs for it, and where its units lie: ``home`` takes what it is sent."""

    organisation: Organisation
    signatures: Signatures
    account: Account | None = None
    issued: SubAccount | None = None
    home: SubAccount | None = None


class Parties:
    """Everybody who takes part, each entered when first met. ``at`` is before the first act."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.known: dict[str, Party] = {}
        self.holding = self.pair("replay", "Replay")
        self.overseeing = self.pair("replay-oversight", "Replay, oversight")
        self.authority = self.enter("REGISTRY", "California Air Resources Board", Organisation.Role.REGISTRY)

    def operator(self, name: str) -> Party:
        """A project's operator."""
        return self.enter(named("P", name), name, Organisation.Role.OWNER)

    def entity(self, number: str, name: str) -> Party:
        """A compliance entity, under the number the source knows it by."""
        return self.enter(re.sub("[^A-Z0-9]", "", number.upper()), name, Organisation.Role.PARTICIPANT)

    def verifier(self, name: str) -> Party:
        return self.enter(named("V", name), name, Organisation.Role.VERIFIER)

    def listing(self, listed_as: str) -> Party:
        """The offset project registry that listed a project, known by the letters of the number it gave."""
        known = next((letters for letters in LISTING if listed_as.startswith(letters)), "EAOP")
        return self.enter(f"LISTS{known}", LISTING.get(known, LISTING_ELSE), Organisation.Role.VERIFIER)

    def pair(self, username: str, name: str) -> tuple[Person, Person]:
        """Who initiates and who confirms."""
        first, second = (
            enrolment.enrol(username=f"{username}-{does}", name=f"{name}, {does}", password=None, at=self.at)
            for does in ("initiating", "confirming")
        )
        return first, second

    def enter(self, number: str, name: str, role: str) -> Party:
        if found := self.known.get(number):
            return found
        body = enrolment.register_foreign(code=REGISTER + number, name=name[:120], role=role, at=self.at)
        first, second = self.overseeing if role in rules.OVERSEEING else self.holding
        signatures = Signatures(
            self.mandate(first, body, Mandate.Capacity.INITIATE), self.mandate(second, body, Mandate.Capacity.CONFIRM)
        )
        self.known[number] = party = self.furnished(body, signatures)
        return party

    def furnished(self, body: Organisation, signatures: Signatures) -> Party:
        """With an account, unless it is a body that holds no units."""
        if body.role == Organisation.Role.VERIFIER:
            return Party(body, signatures)
        by = signatures if body.role == Organisation.Role.REGISTRY else self.authority.signatures
        opened = account.open_account(organisation=body, signatures=by, at=self.at)
        places = {place.purpose: place for place in opened.sub_accounts.select_related("account__organisation")}
        home = places.get(SubAccount.Purpose.HOLDING) or places[SubAccount.Purpose.BUFFER]
        return Party(body, signatures, opened, places.get(SubAccount.Purpose.ISSUED), home)

    def mandate(self, person: Person, body: Organisation, capacity: str) -> Mandate:
        return enrolment.mandate(
            person=person, organisation=body, capacity=capacity, since_at=self.at, until_at=None, at=self.at
        )


def named(letter: str, name: str) -> str:
    """A code for a body without a number of its own: a letter for what it is and ten digits of the name's SHA-256.

    Case and punctuation do not count; the source writes one name in several ways.
    """
    plain = re.sub(r"[\W_]+", " ", name).casefold().strip()
    return letter + hashlib.sha256(plain.encode()).hexdigest()[:10].upper()
