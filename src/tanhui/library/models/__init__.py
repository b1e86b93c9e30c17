"""The library of methodologies (方法学库): what is published and how it stands, and how a methodology gets there."""

from tanhui.library.models.catalogue import Category, Methodology, Scheme, Sector, Standing, Version
from tanhui.library.models.proposal import TRANSITIONS, Paper, Proposal, Round, Step, Transition
from tanhui.library.models.review import PRINCIPLES, Comment, Filing, Minutes, Panelist, Vote

__all__ = [
    "PRINCIPLES",
    "TRANSITIONS",
    "Category",
    "Comment",
    "Filing",
    "Methodology",
    "Minutes",
    "Panelist",
    "Paper",
    "Proposal",
    "Round",
    "Scheme",
    "Sector",
    "Standing",
    "Step",
    "Transition",
    "Version",
    "Vote",
]
