import hashlib
import json

import pytest
from django.db import Error, transaction
from django.http import Http404
from tests.files import samples
from tests.files.conftest import NOON, filed, later, received
from tests.world import refuses

from tanhui.files import access, doors, inspection, kinds, names, refusals, store
from tanhui.files.acts import filing, receiving
from tanhui.files.models import Document, Upload, Version
from tanhui.journal.models import Entry


class TestReceiving:
    def test_keeps_the_bytes_under_their_hash_and_says_what_they_are(self, person):
        content = samples.pdf(pages=3)
        upload = received(person, content, name="项目设计文件.pdf")
        assert (upload.state, upload.format, upload.facts["pages"]) == ("FINISHED", "pdf", 3)
        assert upload.sha256 == hashlib.sha256(content).hexdigest()
        assert store.read(upload.sha256, upload.size_bytes) == content

    def test_keeps_the_same_content_once(self, person, settings_var):
        content = samples.picture()
        first, second = received(person, content, name="1.png"), received(person, content, name="2.png")
        assert first.sha256 == second.sha256
        kept = [path for path in (settings_var / "files").rglob("*") if path.is_file()]
        assert len(kept) == 1

    def test_decides_by_the_content_and_not_by_the_name(self, person):
        assert received(person, samples.picture("JPEG"), name="申请表.pdf").format == "jpeg"
        with refuses(refusals.FormatRefused):
            received(person, b"MZ\x90\x00" * 40, name="申请表.pdf", kind="paper")

    def test_refuses_an_empty_file(self, person):
        with refuses(refusals.FileEmpty):
            received(person, b"")

    def test_refuses_a_kind_nobody_knows(self, person):
        with refuses(kinds.KindUnknown):
            received(person, samples.pdf(), kind="../../etc")

    def test_refuses_what_is_too_large_for_its_kind_without_reading_it_all(self, person, monkeypatch):
        monkeypatch.setitem(kinds._kinds, "paper", kinds.Kind("paper", "Paper", kinds.PAPER, 1000))

        class Endless:
            read_bytes = 0

            def read(self, size):
                self.read_bytes += size
                return b"x" * size

        endless = Endless()
        with refuses(receiving.FileTooLarge):
            receiving.receive(stream=endless, name="a.pdf", person=person, kind="paper", at=NOON)
        assert endless.read_bytes <= store.PIECE
        assert not list(store.folder("drafts").iterdir())

    def test_limits_what_one_person_hands_in_on_one_day(self, person, other, monkeypatch):
        monkeypatch.setattr(receiving, "DAILY_BYTES", len(samples.pdf()) + 10)
        received(person, samples.pdf())
        with refuses(receiving.DailyLimit):
            received(person, samples.pdf())
        assert received(other, samples.pdf()).state == "FINISHED"
        assert received(person, samples.pdf(), at=later(days=1)).state == "FINISHED"


class TestFiling:
    def test_makes_a_document_whose_versions_count_up_and_stay(self, desk):
        first, second = samples.pdf(pages=1), samples.pdf(pages=2)
        document = filed(desk, first, title="项目设计文件")
        filing.replace(document=document, upload=received(desk, second, at=later(hours=1)), by=desk, at=later(hours=1))
        versions = list(document.versions.order_by("number"))
        assert [(one.number, one.facts["pages"], one.by) for one in versions] == [(1, 1, desk), (2, 2, desk)]
        assert store.read(versions[0].sha256, versions[0].size_bytes) == first

    def test_tells_the_journal_without_publishing_what_it_is_about(self, desk):
        document = filed(desk, samples.pdf(), title="身份证明")
        entry = Entry.objects.get(kind="files.filed")
        leaf = json.loads(bytes(entry.leaf))
        assert leaf["fact"] == {"document": str(document.pk), "version": 1}
        assert "身份证明" not in bytes(entry.leaf).decode()
        assert document.versions.get().sha256 in json.dumps(entry.private)

    def test_keeps_a_version_as_it_was(self, desk):
        version = filed(desk, samples.pdf()).versions.get()
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            Version.objects.filter(pk=version.pk).update(name="别的.pdf")

    def test_refuses_a_subject_no_room_answers_for(self, desk):
        upload = received(desk, samples.pdf())
        with refuses(doors.SubjectUnknown):
            filing.file(subject="nobody:1", kind="any", title="x", upload=upload, by=desk, at=NOON)

    def test_refuses_a_format_the_kind_does_not_take(self, desk):
        upload = received(desk, samples.picture())
        with refuses(filing.KindMismatch):
            filing.file(subject="test.case:1", kind="report", title="x", upload=upload, by=desk, at=NOON)

    def test_refuses_an_upload_that_is_not_whole(self, desk):
        upload = receiving.begin(person=desk, name="a.pdf", size=100, kind="any", at=NOON)
        with refuses(filing.UploadUnfinished):
            filing.file(subject="test.case:1", kind="any", title="x", upload=upload, by=desk, at=NOON)

    def test_keeps_the_bytes_when_the_upload_is_forgotten_and_drops_them_when_nothing_names_them(self, desk):
        used, unused = received(desk, samples.pdf(pages=1)), received(desk, samples.pdf(pages=2))
        filing.file(subject="test.case:1", kind="any", title="x", upload=used, by=desk, at=NOON)
        receiving.forget(upload=used)
        receiving.forget(upload=unused)
        assert store.store().has(used.sha256)
        assert not store.store().has(unused.sha256)


class TestDoors:
    def test_open_for_whom_the_subjects_room_names(self, desk, other):
        document = filed(desk, samples.pdf())
        assert access.document(desk, document.pk, at=NOON) == document
        for stranger in (other, None):
            with pytest.raises(Http404):
                access.document(stranger, document.pk, at=NOON)

    def test_open_to_everybody_where_the_room_says_so(self, desk, other):
        document = filed(desk, samples.pdf(), subject="test.case:public")
        assert access.version(None, document.pk, 1, at=NOON).document == document

    def test_keep_a_withheld_document_from_all_but_who_handed_it_in(self, desk, other):
        document = filed(desk, samples.pdf(), subject="test.case:public", withheld_reason="SPECIES")
        assert access.document(desk, document.pk, at=NOON) == document
        with pytest.raises(Http404):
            access.document(other, document.pk, at=NOON)

    def test_show_an_upload_to_its_owner_alone_and_only_while_it_lasts(self, person, other):
        upload = received(person, samples.pdf())
        assert access.upload(person, upload.pk, at=NOON) == upload
        for who, key, at in ((other, upload.pk, NOON), (person, "x", NOON), (person, upload.pk, later(days=2))):
            with pytest.raises(Http404):
                access.upload(who, key, at=at)


class TestNames:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("材料.pdf", "材料.pdf"),
            ("C:\\fakepath\\材料.pdf", "材料.pdf"),
            ("../../etc/passwd", "passwd"),
            ("CON", "CON"),
            ("𮮛㐂﨑.pdf", "𮮛㐂﨑.pdf"),
            ("<script>alert(1)</script>.pdf", "script>.pdf"),
        ],
    )
    def test_are_kept_as_they_are_without_their_folders(self, given, kept):
        assert names.clean(given) == kept

    @pytest.mark.parametrize(
        ("given", "rule"),
        [
            ("a\x00.pdf", names.NameHidden),
            ("a\u202efdp.exe", names.NameHidden),
            ("a\r\nSet-Cookie: x.pdf", names.NameHidden),
            ("材" * 4096, names.NameTooLong),
            ("a" * 4096, names.NameTooLong),
            ("", names.NameEmpty),
            ("..", names.NameEmpty),
            ("a/", names.NameEmpty),
        ],
    )
    @pytest.mark.django_db
    def test_are_refused_where_no_screen_shows_them_faithfully(self, given, rule):
        with refuses(rule):
            names.clean(given)


class TestInspection:
    def test_says_nothing_more_of_a_child_that_is_killed(self, person, tmp_path, monkeypatch):
        path = tmp_path / "x"
        path.write_bytes(samples.pdf())
        monkeypatch.setattr(inspection, "PATIENCE", 0.001)
        with refuses(refusals.TooHeavy):
            inspection.inspect(path, ("pdf",))


def test_a_document_row_says_what_it_is(desk):
    document = filed(desk, samples.pdf(), title="项目设计文件")
    assert (str(document), Document.objects.count(), Upload.objects.count()) == ("项目设计文件", 1, 1)
