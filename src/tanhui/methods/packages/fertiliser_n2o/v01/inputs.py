"""Every factor of a run comes from one edition, and the project names it."""

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission


def arrange(submission: Submission) -> Arranged:
    """The default arrangement; a project that names no edition of the factors is refused."""
    arranged = arranging.arrange(submission)
    if "edition" not in submission.project.get("facts", {}):
        submission.wrong("missing_fact", "facts.edition")
    return arranged
