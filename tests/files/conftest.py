import datetime as dt
import io

import pytest
from tests import world

from tanhui.files import doors
from tanhui.files.acts import filing, receiving

NOON = world.NOON


@pytest.fixture
def settings_var(settings, tmp_path):
    """Files of one test lie in a folder of their own."""
    settings.TANHUI_VAR = tmp_path
    return tmp_path


@pytest.fixture
def person(db, settings_var):
    return world.person(name="张三")


@pytest.fixture
def other(db):
    return world.person(name="李四")


@pytest.fixture
def desk(person):
    """A subject ``test.case:<key>`` that one person may read, and everybody under the key ``public``."""
    doors.register("test.case", lambda who, key, at: key == "public" or who == person)
    yield person
    doors._doors.pop("test.case")


def received(person, content, *, name="材料.pdf", kind="any", at=NOON):
    return receiving.receive(stream=io.BytesIO(content), name=name, person=person, kind=kind, at=at)


def filed(person, content, *, subject="test.case:1", kind="any", title="材料", name="材料.pdf", at=NOON, **more):
    upload = received(person, content, name=name, at=at)
    return filing.file(subject=subject, kind=kind, title=title, upload=upload, by=person, at=at, **more)


def later(**span):
    return NOON + dt.timedelta(**span)
