import pytest
from tests.library import proposing


@pytest.fixture
def case(db):
    return proposing.begin()
