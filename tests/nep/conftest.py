"""What several tests of stock sinks share."""

import pytest

from nep import builders


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder of a finished run of two years, to be read only."""
    return builders.small_run(tmp_path_factory.mktemp("finished"), years=(2022, 2023))
