"""What is wrong is refused on the page with its clause, and nothing of it stays: at the desk and in the wizard."""

import io

import pytest
from django.utils import timezone
from tests import world
from tests.files import archives
from tests.projects import cycling
from tests.projects.cycling import fresh

from tanhui.files import refusals as files
from tanhui.files.acts import filing, receiving
from tanhui.projects import outlines, sheets
from tanhui.projects.acts import drafting, papers, writing
from tanhui.projects.models import Boundary, Paper
from tanhui.projects.pages import cycle_desk

RARE = "䶮㐂﨑龘" * 10


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    return cycling.Cast(at=timezone.now())


@pytest.fixture
def desk(cast, client):
    """The owner's first person, signed in, with a draft."""
    world.sign_in(client, cast.owner.initiator.membership.person)
    return cast.opened()


def refused(client, url, given, refusal):
    """The answer is the refusal with its clause; a file comes as a form sends it."""
    answer = client.post(url, given)
    page = answer.content.decode()
    assert answer.status_code == refusal.status, page
    assert f"/refusals/{refusal.code}" in page or refusal.clause in page


def named(content, name):
    file = io.BytesIO(content)
    file.name = name
    return file


class TestAtTheDesk:
    def test_a_forged_type_of_file_is_refused(self, client, desk):
        forged = named(archives.bomb_of_zeros(size=1 << 10), "设计文件.pdf")
        given = {"do": "paper", "kind": "RIGHTS", "paper_file": forged}
        refused(client, f"/desk/developments/{desk.code}", given, files.FormatRefused)
        assert not Paper.objects.exists()

    def test_an_upload_that_broke_off_is_not_taken(self, client, cast, desk):
        person = cast.owner.initiator.membership.person
        half = receiving.begin(person=person, name="权属.pdf", size=5000, kind=papers.KIND, at=timezone.now())
        given = {"do": "paper", "kind": "RIGHTS", "paper": str(half.pk)}
        refused(client, f"/desk/developments/{desk.code}", given, filing.UploadUnfinished)
        half = receiving.begin(person=person, name="边界.zip", size=5000, kind=outlines.KIND, at=timezone.now())
        given = {"do": "outlines", "outlines": str(half.pk)}
        refused(client, f"/desk/developments/{desk.code}/draft/land", given, filing.UploadUnfinished)
        assert not Paper.objects.exists()
        assert not Boundary.objects.exists()

    def test_a_file_that_swells_to_300_megabytes_is_refused_unread(self, client, desk):
        given = {"do": "outlines", "outlines_file": named(archives.bomb_of_zeros(size=300 << 20), "边界.zip")}
        refused(client, f"/desk/developments/{desk.code}/draft/land", given, files.ZipBomb)
        assert not Boundary.objects.exists()


class TestAName:
    def test_of_forty_rare_characters_is_kept_searched_and_printed(self, cast, client):
        one = cast.drafted("ccer", name=RARE)
        made = writing.write(subject=one, kind="DESIGN", mandate=cast.owner.initiator, at=cast.at)
        assert made.size_bytes > 1000
        cast.take(one, "publish")
        page = client.get("/developments/all", {"q": "䶮"}).content.decode()
        assert RARE in page
        assert RARE in client.get(f"/developments/{one.code}").content.decode()

    def test_that_is_too_long_or_none_is_refused(self, cast):
        for name in ("", "字" * 121, "甲\x00乙"):
            with world.refuses(drafting.NameMissing):
                cast.opened(name=name)
        assert fresh(cast.opened(name="字" * 120)).name == "字" * 120


class TestDigits:
    """What Unicode calls a digit and ``int`` does not: it stood in a draft and broke every page of it."""

    def test_that_are_no_number_fill_in_nothing_and_count_for_nothing(self, cast):
        for said in ("²", "3²", "①", "1.²"):
            one = cast.drafted(answers={"yearly_t": said})
            assert [point.field for point in sheets.open_points(one)] == ["yearly_t"]
            assert cycle_desk.number(said) == 0
        assert cycle_desk.number("１２") == 12
