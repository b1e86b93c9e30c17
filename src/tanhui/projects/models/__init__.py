"""Land and what grows on it, the projects made of it, and who has a share in them. One noun a file."""

from tanhui.projects.models.land import Parcel, ParcelVersion, Source, Survey

__all__ = [
    "Parcel",
    "ParcelVersion",
    "Source",
    "Survey",
]
