"""Who may come into which part of the room; whose land or project it is, the doors decide."""

from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation

Role = Organisation.Role
# Who keeps surveys of land: who develops, whoever holds the rights, and the authorities that survey (rules §2.1).
LAND = (Role.OWNER, Role.RIGHT_HOLDER, Role.AUTHORITY, Role.LOCAL_AUTHORITY, Role.NATURAL_RESOURCES, Role.TECHNICAL)

READS_LAND = rights.member("projects.land", roles=LAND)
PREPARES_LAND = rights.member("projects.land_import", roles=LAND, capacities=[Mandate.Capacity.INITIATE])
