import pytest
from tests.journeys.conftest import register

from tanhui.portal.acts import upkeep

__all__ = ["register"]


@pytest.fixture
def taken_in(register):
    """Takes in what happened so far, as the worker does every few seconds."""
    return lambda: upkeep.rebuild(at=register.at)
