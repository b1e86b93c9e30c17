import pytest
from tests import world

from tanhui.journal import sequencer
from tanhui.notices.acts import notifying


@pytest.fixture
def register(db, settings, tmp_path):
    """A small register with a log of its own, and people who can be mailed."""
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    return world.build()


@pytest.fixture
def tell(register):
    """Gives facts their places and follows them."""

    def tell():
        while sequencer.sequence(at=world.NOON) == sequencer.BATCH:
            pass
        while (done := notifying.follow(at=world.NOON)).behind:
            pass
        return done

    return tell
