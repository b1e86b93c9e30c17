"""People, the organisations they act for, their mandates and duties, and instructions two must sign."""

from tanhui.identity.models.duties import Duty, StaffSession
from tanhui.identity.models.instructions import Decision, Instruction
from tanhui.identity.models.organisations import (
    Invitation,
    Mandate,
    Membership,
    Organisation,
    Qualification,
    WorkReport,
)
from tanhui.identity.models.people import ApiToken, IdentityDocument, People, Person, Suspension

__all__ = [
    "ApiToken",
    "Decision",
    "Duty",
    "IdentityDocument",
    "Instruction",
    "Invitation",
    "Mandate",
    "Membership",
    "Organisation",
    "People",
    "Person",
    "Qualification",
    "StaffSession",
    "Suspension",
    "WorkReport",
]
