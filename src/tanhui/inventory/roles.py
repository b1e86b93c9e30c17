"""Who may come into which part of the room; whose year it is, the doors decide (``access.py``)."""

from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation

AUTHORITIES = (Organisation.Role.NATURAL_RESOURCES,)  # the measure, article 4
VERIFIERS = (Organisation.Role.VERIFIER,)
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)

READS = rights.member("inventory.desk", roles=[*AUTHORITIES, *VERIFIERS])
PREPARES = rights.member("inventory.prepare", roles=AUTHORITIES, capacities=[Mandate.Capacity.INITIATE])
DECIDES = rights.member("inventory.decide", roles=AUTHORITIES, capacities=SIGNING)
VERIFIES = rights.member("inventory.verify", roles=VERIFIERS, capacities=SIGNING)
