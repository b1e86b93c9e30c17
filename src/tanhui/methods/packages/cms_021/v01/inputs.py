"""Each herd stands under the climate of its digester, and loses gas as that digester does."""

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission


def arrange(submission: Submission) -> Arranged:
    """The default arrangement, with the kind and climate of the digester carried to its herds."""
    arranged = arranging.arrange(submission)
    given = arranged.given
    if not submission.faults:
        given["digester_kind"] = given["kind_of_digester"][given["herd_digester"]]
        given["zone"] = given["zone_of_digester"][given["herd_digester"]]
    return arranged
