"""What a monitoring period says of the run its quantity comes from."""

from tanhui.projects.models import Monitoring

OUTDATED = "outdated"  # in ``Monitoring.run``: data were corrected after it was computed


def outdated(one: Monitoring) -> bool:
    """Whether data were corrected since the run was computed, so that it is to be computed again."""
    return bool(one.run.get(OUTDATED))
