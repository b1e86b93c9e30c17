import pytest
from tests import world
from tests.ledger import books

from tanhui.registry import audit


@pytest.fixture
def register(db):
    """1,000 t issued to the owner; and whatever a test does with them, books and register are sound afterwards."""
    made = world.build()
    yield made
    assert not books.faults()
    assert not audit.audit(log=False).findings
