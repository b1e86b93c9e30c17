import datetime as dt
import io

import pytest
from tests import world
from tests.journeys.conftest import PASSWORD

from tanhui.journal.models import Entry
from tanhui.portal.acts import publication
from tanhui.portal.models import Category, Draft, Publication
from tanhui.portal.queries import lines, publications

pytestmark = pytest.mark.django_db
BODY = "# 一、总则\n\n<script>alert(1)</script> **要点** [外链](javascript:alert(1)) ![图](https://example.com/a.png)\n"


def words(**changes):
    values = {"title": "登记业务规则", "body": BODY, "source": "登记中心", "made_on": dt.date(2026, 6, 1)} | changes
    return publication.Words(**values)


@pytest.fixture
def by(register):
    """The operator's two people: who writes and who releases."""
    return register.operator


def written(by, **changes):
    return publication.write(words=words(**changes), category=Category.RULE, mandate=by.initiator, at=world.NOON)


def published(by, **changes):
    return publication.release(draft=written(by, **changes), revision=1, mandate=by.confirmer, at=world.NOON)


class TestADraft:
    def test_is_seen_by_nobody_outside(self, by, client):
        draft = written(by)

        assert client.get(f"/publications/{draft.publication_id}").status_code == 404
        assert "登记业务规则" not in client.get("/publications").text
        assert client.get(f"/desk/drafts/{draft.pk}").status_code == 302

    def test_is_not_released_by_who_wrote_it(self, by):
        draft = written(by)
        both = world.mandate(by.initiator.membership.person, by.organisation, "CONFIRM")

        with world.refuses(publication.OwnDraft):
            publication.release(draft=draft, revision=1, mandate=both, at=world.NOON)

    def test_is_not_released_in_another_revision_than_was_read(self, by):
        draft = written(by)
        publication.rewrite(draft=draft, words=words(title="改"), revision=1, mandate=by.initiator, at=world.NOON)

        with world.refuses(publication.DraftChanged, read=1, now=2):
            publication.release(draft=draft, revision=1, mandate=by.confirmer, at=world.NOON)

    def test_is_not_written_by_who_does_not_publish_here(self, register):
        with world.refuses(publication.NotAPublisher):
            written(register.buyer)

    def test_is_due_twenty_working_days_after_it_was_made(self, by):
        assert publications.due(written(by, made_on=dt.date(2026, 6, 5))).day == dt.date(2026, 7, 6)

    def test_can_be_discarded(self, by):
        publication.discard(draft=written(by), revision=1, mandate=by.initiator, at=world.NOON)

        assert not Draft.objects.exists()


class TestAPublication:
    def test_is_read_searched_and_told_to_the_journal(self, by, client):
        made = published(by)

        page = client.get(f"/publications/{made.publication_id}").text

        assert '<meta name="ArticleTitle" content="登记业务规则">' in page
        assert '<meta name="ColumnName" content="业务规则">' in page
        assert lines.page(lines.read(lines.LISTINGS["publications"], {"q": "要点"})).rows == [made]
        assert Entry.objects.filter(kind="portal.published").count() == 1
        assert "登记业务规则" in client.get("/publications/rule").text
        assert "登记业务规则" not in client.get("/publications/fee").text

    def test_runs_nothing_and_fetches_nothing(self, by, client):
        page = client.get(f"/publications/{published(by).publication_id}").text

        assert "&lt;script&gt;alert(1)" in page
        assert 'href="javascript' not in page
        assert "<img" not in page
        assert "<h2>一、总则</h2>" in page

    def test_keeps_every_version(self, by, client):
        made = published(by)
        draft = publication.write(
            words=words(title="登记业务规则（修订）"), publication=made.publication, mandate=by.initiator, at=world.NOON
        )
        publication.release(draft=draft, revision=1, mandate=by.confirmer, at=world.NOON)
        address = f"/publications/{made.publication_id}"

        assert "（修订）</h1>" in client.get(address).text
        assert "并非最新版本" in client.get(f"{address}/1").text
        assert client.get(f"{address}/3").status_code == 404

    def test_that_is_withdrawn_stays_and_says_why(self, by, client):
        made = published(by)
        draft = publication.ask_to_withdraw(
            publication=made.publication, reason="依据已废止", mandate=by.initiator, at=world.NOON
        )
        publication.release(draft=draft, revision=1, mandate=by.confirmer, at=world.NOON)

        page = client.get(f"/publications/{made.publication_id}").text

        assert "依据已废止" in page
        assert "总则" in page
        assert "登记业务规则" not in client.get("/").text
        with world.refuses(publication.WithdrawnForGood):
            publication.ask_to_withdraw(publication=made.publication, reason="再", mandate=by.initiator, at=world.NOON)

    def test_has_one_draft_at_a_time(self, by):
        made = published(by)
        publication.write(words=words(), publication=made.publication, mandate=by.initiator, at=world.NOON)

        with world.refuses(publication.DraftWaiting):
            publication.write(words=words(), publication=made.publication, mandate=by.initiator, at=world.NOON)

    def test_comes_in_a_feed(self, by, client):
        made = published(by, title="规则 <一> & 二")

        feed = client.get("/publications/rule", {"format": "atom"})

        assert feed["Content-Type"].startswith("application/atom+xml")
        assert "规则 &lt;一&gt; &amp; 二" in feed.text
        assert f"/publications/{made.publication_id}" in feed.text


class TestTheDesk:
    @pytest.fixture
    def people(self, register, client):
        def sign_in(mandate):
            client.logout()
            client.force_login(mandate.membership.person)
            return client

        return sign_in

    def fields(self, **changes):
        return {
            "category": "rule", "title": "新规则", "source": "登记中心", "made_on": "2026-06-01", "body": "正文",
        } | changes  # fmt: skip

    def test_takes_a_text_from_one_and_publishes_it_by_another(self, register, people):
        writer = people(register.operator.initiator)
        address = writer.post("/desk/publications/new", self.fields()).url
        writer.post(f"{address}/files", {"title": "附表", "file": io.BytesIO(b"a,b\n1,2\n")})
        refused = writer.post(f"{address}/release", {"revision": "1"})
        done = people(register.operator.confirmer).post(f"{address}/release", {"revision": "1"})

        assert refused.status_code == 403
        assert done.status_code == 302
        assert Publication.objects.get().editions.get().title == "新规则"

    def test_is_nothing_to_others(self, register, people):
        client = people(register.buyer.initiator)

        assert client.get("/desk/publications").status_code == 404
        assert client.post("/desk/publications/new", self.fields()).status_code == 404

    @pytest.mark.parametrize(
        "changes",
        [
            {"title": ""}, {"title": "长" * 161}, {"category": "x"}, {"made_on": "昨天"}, {"body": ""},
            {"effective_from": "2026-06-02", "effective_until": "2026-06-01"}, {"title": "\x00"},
        ],
    )  # fmt: skip
    def test_says_at_the_field_what_is_wrong(self, register, people, changes):
        answer = people(register.operator.initiator).post("/desk/publications/new", self.fields(**changes))

        assert answer.status_code == 422
        assert not Draft.objects.exists()

    def test_shows_what_waits_with_its_last_day(self, register, people):
        written(register.operator)

        page = people(register.operator.confirmer).get("/desk/publications")

        assert "登记业务规则" in page.text
        assert PASSWORD not in page.text
