import pytest
from tests.files import samples
from tests.files.conftest import filed, later, received

from tanhui.files import queries, serving, store
from tanhui.files.acts import filing
from tanhui.files.models import Document


def body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.fixture
def address(desk, client):
    """The address of a paper's bytes, and the paper."""
    document = filed(desk, CONTENT, name="项目 设计文件.pdf", subject="test.case:public")
    return f"/files/{document.pk}/1/x.pdf"


CONTENT = samples.pdf(pages=2)
LATER = later(minutes=1)


class TestADownload:
    def test_is_an_attachment_of_its_own_type_under_its_own_name(self, client, address):
        answer = client.get(address)
        assert (answer.status_code, body(answer)) == (200, CONTENT)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == (
            "attachment; filename*=utf-8''%E9%A1%B9%E7%9B%AE%20%E8%AE%BE%E8%AE%A1%E6%96%87%E4%BB%B6.pdf"
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Content-Length"] == str(len(CONTENT))

    def test_is_shown_in_the_page_only_where_its_format_allows(self, client, address, desk):
        assert client.get(f"{address}?view")["Content-Disposition"].startswith("inline")
        text = filed(desk, b"<script>alert(1)</script>\n", name="a.html", subject="test.case:public")
        answer = client.get(f"/files/{text.pk}/1/a.html?view")
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Type"].startswith("text/plain")

    def test_is_not_sent_again_to_who_has_it(self, client, address):
        etag = client.get(address)["ETag"]
        again = client.get(address, headers={"if-none-match": f'W/"x", {etag}'})
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize(
        ("asked", "start", "stop"),
        [("bytes=0-9", 0, 10), ("bytes=5-", 5, None), ("bytes=-7", -7, None), ("bytes=3-99999999", 3, None)],
    )
    def test_can_be_had_in_part(self, client, address, asked, start, stop):
        answer = client.get(address, headers={"range": asked})
        assert (answer.status_code, body(answer)) == (206, CONTENT[start:stop])
        assert answer["Content-Range"].endswith(f"/{len(CONTENT)}")

    @pytest.mark.parametrize("asked", ["bytes=9999999-", "bytes=9-3", "bytes=-0"])
    def test_says_how_long_it_is_to_who_asks_beyond_it(self, client, address, asked):
        answer = client.get(address, headers={"range": asked})
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")

    @pytest.mark.parametrize("asked", ["bytes=", "bytes=-", "lines=1-2", "bytes=0-1,4-5", "bytes=x-y"])
    def test_is_whole_where_the_range_cannot_be_read(self, client, address, asked):
        assert client.get(address, headers={"range": asked}).status_code == 200

    def test_is_whole_where_the_part_would_be_of_another_version(self, client, address):
        assert client.get(address, headers={"range": "bytes=0-9", "if-range": '"another"'}).status_code == 200

    def test_never_ends_when_the_stored_bytes_have_changed(self, client, address):
        version = Document.objects.get().versions.get()
        path = store.store().path(version.sha256)
        path.chmod(0o600)
        path.write_bytes(CONTENT[:-1] + b"?")
        with pytest.raises(store.Damaged):
            body(client.get(address))

    def test_says_so_when_the_bytes_are_gone(self, client, address, rf):
        version = Document.objects.get().versions.get()
        store.store().drop(version.sha256)
        with pytest.raises(serving.ContentMissing):
            serving.version(rf.get("/"), version)


class TestAStranger:
    def test_learns_nothing_of_a_paper(self, client, desk, other):
        document = filed(desk, CONTENT)
        client.force_login(other)
        for path in (f"/files/{document.pk}", f"/files/{document.pk}/1/x.pdf", f"/files/{document.pk}/2/x.pdf"):
            assert client.get(path).status_code == 404
        client.force_login(desk)
        assert client.get(f"/files/{document.pk}").status_code == 200
        assert client.get(f"/files/{document.pk}/2/x.pdf").status_code == 404

    def test_learns_nothing_of_an_upload(self, client, desk, other):
        upload = received(desk, CONTENT)
        client.force_login(other)
        assert client.get(f"/files/uploads/{upload.pk}/encoding").status_code == 404


class TestAPaperPage:
    def test_tells_versions_hashes_and_differences(self, client, desk):
        document = filed(desk, samples.pdf(pages=2), title="监测报告", subject="test.case:public")
        better = received(desk, samples.pdf(pages=5), name="b.pdf")
        filing.replace(document=document, upload=better, by=desk, at=document.at)
        said = client.get(f"/files/{document.pk}").content.decode()
        for one in document.versions.all():
            assert one.sha256 in said
        assert "第 2 版" in said
        assert "页数" in said
        assert "未扫描" in said


class TestTheListOfPapers:
    def test_names_what_is_withheld_with_its_reason_instead_of_leaving_it_out(
        self, desk, other, django_assert_num_queries
    ):
        filed(desk, samples.pdf(), title="项目设计文件", subject="test.case:public")
        filed(
            desk,
            samples.picture(),
            title="珍稀植物样点图",
            subject="test.case:public",
            at=LATER,
            withheld_reason="SPECIES",
        )
        with django_assert_num_queries(2):
            found = queries.listed("test.case:public", other, desk.joined_at)
        assert [(one.document.title, one.readable) for one in found] == [
            ("项目设计文件", True),
            ("珍稀植物样点图", False),
        ]
        assert found[1].document.get_withheld_reason_display()
        assert found[1].newest is None

    def test_is_empty_for_who_may_read_nothing_of_the_subject(self, desk, other):
        filed(desk, samples.pdf())
        assert queries.listed("test.case:1", other, desk.joined_at) == []
        assert len(queries.listed("test.case:1", desk, desk.joined_at)) == 1

    def test_shows_a_paper_again_when_it_is_disclosed(self, desk, other):
        document = filed(desk, samples.pdf(), subject="test.case:public", withheld_reason="TRADE_SECRET")
        assert not queries.listed("test.case:public", other, desk.joined_at)[0].readable
        filing.withhold(document=document, reason="", by=desk, at=desk.joined_at)
        assert queries.listed("test.case:public", other, desk.joined_at)[0].readable
