"""Agreements on sharing data: concluded by two people, handed over under, fetched by the recipient alone, and ended."""

import datetime as dt
import hashlib
import io
import shutil
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests import world
from tests.inventory import publishing
from tests.library import proposing

from tanhui.files.acts import made, receiving
from tanhui.identity.models import Instruction
from tanhui.inventory import agreements
from tanhui.inventory.acts import cataloguing, packing, sharing
from tanhui.inventory.models import Agreement, Coverage, Dataset, Fetch, Handover, Purpose
from tanhui.journal.models import Entry
from tanhui.kernel import canonical
from tanhui.notices import waiting

NOON, DAY = world.NOON, dt.timedelta(days=1)


class Case:
    """An authority with an internal and a public set of data, and a university."""

    def __init__(self, rasters):
        self.authority = world.party("NATR", name="演示区自然资源局")
        self.verifier = world.party("VVB", name="演示核查机构")
        self.university = world.party("TECH", name="演示大学")
        self.stranger = world.party("PART", name="演示企业")
        self.weather = self.data(rasters["earlier"], "逐月气温", "INTERNAL")
        self.open = self.data(rasters["nep"], "净初级生产力", "PUBLIC")

    def data(self, path, title, access):
        """An entry of the catalogue, written down without the inspection of its file, which takes its time."""
        person, organisation = self.authority.initiator.membership.person, self.authority.organisation
        version = made.put(
            subject=f"{cataloguing.SUBJECT}:{organisation.pk}", kind=cataloguing.SUBJECT, title=title, path=path,
            name=f"{title}.tif", format="geotiff", by=person, at=NOON, withheld_reason="SURVEY",
        )  # fmt: skip
        return Dataset.objects.create(
            organisation=organisation, kind="TEMPERATURE", title=title, agency="演示市气象局", provenance="演示",
            licence="内部", access=access, west=120, south=29, east=121, north=30, first_day=dt.date(2024, 1, 1),
            last_day=dt.date(2024, 12, 31), document=version.document_id, version=1, name=version.name,
            sha256=version.sha256, size_bytes=version.size_bytes, by=person, at=NOON, entry=version.entry_id,
        )  # fmt: skip

    def scan(self, at=NOON):
        person = self.authority.initiator.membership.person
        stream = io.BytesIO(proposing.pdf(400))
        return receiving.receive(stream=stream, name="协议.pdf", person=person, at=at, kind=sharing.SUBJECT)

    def terms(self, **overrides):
        values = {
            "recipient": self.university.organisation.pk, "title": "气温数据共享协议",
            "purposes": (Purpose.RESEARCH.value,), "detail": "存量碳汇模型研究", "onward": "不得转交；成果可发表",
            "since": dt.date(2026, 6, 1), "until": dt.date(2027, 5, 31), "datasets": (str(self.weather.pk),),
        }  # fmt: skip
        return sharing.Terms(**values | overrides)

    def propose(self, reference="agree-1", mandate=None, at=NOON, **overrides):
        return sharing.propose(
            terms=self.terms(**overrides), scan=self.scan(), mandate=mandate or self.authority.initiator,
            reference=reference, at=at,
        )  # fmt: skip

    def agreed(self, **overrides):
        sharing.confirm(asked=self.propose(**overrides), mandate=self.authority.confirmer, at=NOON)
        return Agreement.objects.latest("number")

    def hand_over(self, agreement, at=NOON, mandate=None, **overrides):
        values = {
            "coverage": agreement.coverage.first().pk if agreement.coverage.exists() else 0,
            "purpose": "RESEARCH", "note": "", "days": 7, "reference": "over-1",
        }  # fmt: skip
        mandate = mandate or self.authority.initiator
        return sharing.hand_over(agreement=agreement, mandate=mandate, at=at, **values | overrides)

    @property
    def student(self):
        return self.university.initiator.membership.person


@pytest.fixture(scope="module")
def rasters(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers")
    return {"nep": publishing.raster(folder / "nep.tif"), "earlier": publishing.raster(folder / "earlier.tif", 3)}


@pytest.fixture
def case(db, rasters):
    return Case(rasters)


@pytest.fixture
def now(monkeypatch, case):
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: NOON)
    return case


def refuses(refusal, act):
    """The refusal, and that it left no agreement, hand-over or fetch behind."""
    kept = Agreement, Coverage, Handover, Fetch, Instruction, Entry
    before = [model.objects.count() for model in kept]
    with pytest.raises(refusal) as raised:
        act()
    assert [model.objects.count() for model in kept] == before
    return raised.value


class TestConcluding:
    def test_takes_two_people_and_keeps_the_scan(self, case):
        asked = case.propose()
        assert not Agreement.objects.exists()
        sharing.confirm(asked=asked, mandate=case.authority.confirmer, at=NOON)
        one = Agreement.objects.get()
        assert (one.code, one.recipient, one.purposes) == ("GX-2026-001", case.university.organisation, ["RESEARCH"])
        assert one.initiator != one.confirmer
        assert [agreements.called(each) for each in one.coverage.all()] == ["逐月气温"]
        assert len(one.sha256) == 64

    def test_asked_twice_is_asked_once(self, case):
        assert case.propose() == case.propose()
        assert Instruction.objects.filter(act=agreements.CONCLUDE).count() == 1

    def test_confirmed_twice_stands_once(self, case):
        asked = case.propose()
        for _ in range(2):
            sharing.confirm(asked=asked, mandate=case.authority.confirmer, at=NOON)
        assert Agreement.objects.count() == 1

    def test_is_not_for_the_same_person_twice(self, case):
        asked = case.propose()
        both = world.mandate(case.authority.initiator.membership.person, case.authority.organisation, "CONFIRM")
        refuses(sharing.instructions.OnePersonTwice, lambda: sharing.confirm(asked=asked, mandate=both, at=NOON))

    def test_is_for_the_authority_alone(self, case):
        refuses(sharing.steps.NotTheAuthority, lambda: case.propose(mandate=case.university.initiator))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"title": " "}, {"purposes": ()}, {"purposes": ("SALE",)}, {"detail": ""}, {"onward": ""}, {"datasets": ()},
            {"until": dt.date(2026, 5, 1)}, {"until": dt.date(2026, 6, 1)}, {"until": dt.date(2050, 1, 1)},
        ],
    )  # fmt: skip
    def test_says_everything_an_agreement_says(self, case, wrong):
        refuses(sharing.AgreementUnreadable, lambda: case.propose(**wrong))

    def test_is_with_somebody_else(self, case):
        refuses(sharing.WithItself, lambda: case.propose(recipient=case.authority.organisation.pk))

    def test_covers_internal_data_of_its_own(self, case):
        refuses(sharing.NotItsData, lambda: case.propose(datasets=(str(case.open.pk),)))
        refuses(sharing.NotItsData, lambda: case.propose(items=(4711,)))

    def test_covers_internal_items_of_its_years(self, case, rasters):
        year = publishing.year(case.authority, case.verifier)
        item = publishing.file(year, rasters["nep"], "2024-detail.tif", "SPATIAL", access="INTERNAL")
        one = case.agreed(datasets=(), items=(item.pk,))
        assert case.hand_over(one).sha256 == item.sha256

    def test_turned_down_stands_for_nothing(self, case):
        asked = case.propose()
        sharing.drop(asked=asked, outcome="REJECTED", mandate=case.authority.confirmer, reason="期限过长", at=NOON)
        refuses(
            sharing.instructions.AlreadyDecided,
            lambda: sharing.confirm(asked=asked, mandate=case.authority.confirmer, at=NOON),
        )

    def test_counts_each_authority_by_itself(self, case):
        assert [case.agreed(reference=f"agree-{n}").number for n in (1, 2)] == [1, 2]

    def test_waits_for_the_colleague_alone(self, case):
        case.propose()
        title = "签署数据共享协议《气温数据共享协议》"
        told = [one.title for one in waiting.tasks(case.authority.confirmer.membership.person, at=NOON)]
        mine = [one.title for one in waiting.tasks(case.authority.initiator.membership.person, at=NOON)]
        assert (title in told, title in mine) == (True, False)


class TestHandingOver:
    def test_tells_what_which_bytes_for_what_and_until_when(self, case):
        made = case.hand_over(case.agreed())
        assert (made.sha256, made.purpose, made.expires_at) == (case.weather.sha256, "RESEARCH", NOON + 7 * DAY)
        assert made.by == case.authority.initiator.membership.person
        assert agreements.received(case.student, at=NOON) == [made]

    def test_asked_twice_is_done_once(self, case):
        one = case.agreed()
        assert case.hand_over(one) == case.hand_over(one)
        assert Handover.objects.count() == 1

    def test_ends_with_the_agreement_at_the_latest(self, case):
        made = case.hand_over(case.agreed(until=dt.date(2026, 6, 6)), days=30)
        assert made.expires_at == dt.datetime(2026, 6, 6, 16, tzinfo=dt.UTC)  # midnight in Beijing

    @pytest.mark.parametrize(("day", "word"), [(-10, "GX-2026-001"), (400, "2027-05-31")])
    def test_is_refused_outside_the_term(self, case, day, word):
        one = case.agreed()
        late = refuses(sharing.AgreementNotStanding, lambda: case.hand_over(one, at=NOON + day * DAY))
        assert word in str(late)

    def test_is_refused_once_the_agreement_has_ended(self, case):
        one = case.agreed()
        sharing.end(agreement=one, reason="研究结束", mandate=case.authority.confirmer, at=NOON)
        assert "研究结束" in str(refuses(sharing.AgreementEnded, lambda: case.hand_over(one)))

    def test_is_refused_for_data_the_agreement_does_not_cover(self, case):
        one, other = case.agreed(), case.agreed(reference="agree-2")
        foreign = other.coverage.get().pk
        assert "逐月气温" in str(refuses(sharing.NotCovered, lambda: case.hand_over(one, coverage=foreign)))

    def test_is_refused_for_another_purpose(self, case):
        one = case.agreed()
        refuses(sharing.PurposeNotAgreed, lambda: case.hand_over(one, purpose="PLANNING"))
        refuses(sharing.PurposeNotAgreed, lambda: case.hand_over(one, purpose="SALE"))

    @pytest.mark.parametrize("days", [0, -3, 31])
    def test_is_refused_for_too_many_days_or_none(self, case, days):
        one = case.agreed()
        refuses(sharing.DoorTooLong, lambda: case.hand_over(one, days=days))

    def test_is_for_the_authority_alone(self, case):
        one = case.agreed()
        refuses(sharing.steps.NotTheAuthority, lambda: case.hand_over(one, mandate=case.university.initiator))


class TestDataOnTheServer:
    """What was handed over of it is read by the worker, and only then fetched."""

    @pytest.fixture
    def months(self, case, settings, tmp_path):
        """A folder of two files, entered and agreed upon."""
        settings.TANHUI_VAR = tmp_path
        folder = tmp_path / "data" / "rain"
        folder.mkdir(parents=True)
        for month in ("01", "02"):
            (folder / f"{month}.tif").write_bytes(month.encode() * 1000)
        described = cataloguing.Description(
            kind="PRECIPITATION", title="逐月降水", agency="演示市气象局", provenance="演示", licence="内部",
            access="INTERNAL", bounds=(120.0, 29.0, 121.0, 30.0), first_day=dt.date(2024, 1, 1),
            last_day=dt.date(2024, 12, 31), unit="mm", resolution="100 m", grade="A",
        )  # fmt: skip
        rain = cataloguing.add_path(described=described, path="rain", mandate=case.authority.initiator, at=NOON)
        case.one, case.folder = case.agreed(datasets=(str(rain.pk),)), folder
        return case

    def packed(self, made):
        packing.carry_out(key=made.pk, at=NOON)
        return Handover.objects.select_related("package").get(pk=made.pk)

    def test_is_not_fetched_before_it_was_read(self, months):
        made = months.hand_over(months.one)
        assert made.state == "checking"
        refuses(sharing.StillRead, lambda: sharing.fetch(handover=made, by=months.student, at=NOON))

    def test_is_fetched_as_it_was_entered(self, months):
        made = self.packed(months.hand_over(months.one))
        self.packed(made)  # a job may be done again
        assert (made.state, sharing.folder(made)) == ("ready", True)
        assert sharing.fetch(handover=made, by=months.student, at=NOON).by == months.student

    def test_comes_from_a_folder_as_zip_with_the_hash_of_each_file(self, months, client, now):
        made = self.packed(months.hand_over(months.one))
        world.sign_in(client, months.student)
        assert "文件夹以 ZIP 下载" in client.get(reverse("inventory:received")).content.decode()
        answer = client.get(reverse("inventory:fetch", args=[made.pk]))
        assert "rain.zip" in answer["Content-Disposition"]
        with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as found:
            assert found.testzip() is None
            assert found.namelist() == ["rain/01.tif", "rain/02.tif", "rain/SHA256SUMS"]
            sums = found.read("rain/SHA256SUMS").decode().splitlines()
            assert sums[0] == f"{hashlib.sha256(b'01' * 1000).hexdigest()}  01.tif"
        assert canonical.sha256({line[66:]: line[:64] for line in sums}) == made.sha256

    def test_changed_before_it_was_read_is_handed_to_nobody(self, months):
        made = months.hand_over(months.one)
        (months.folder / "02.tif").write_bytes(b"other")
        made = self.packed(made)
        assert (made.state, made.package.stop["code"]) == ("stopped", "inventory.shared_data_changed")
        refuses(sharing.DataChanged, lambda: sharing.fetch(handover=made, by=months.student, at=NOON))

    def test_touched_after_it_was_read_is_handed_to_nobody(self, months):
        made = self.packed(months.hand_over(months.one))
        (months.folder / "02.tif").write_bytes(b"02" * 1000)
        refuses(sharing.DataChanged, lambda: sharing.fetch(handover=made, by=months.student, at=NOON))
        (months.folder / "03.tif").write_bytes(b"one more")
        refuses(sharing.DataChanged, lambda: sharing.fetch(handover=made, by=months.student, at=NOON))

    def test_that_is_gone_is_refused(self, months):
        shutil.rmtree(months.folder)
        refuses(cataloguing.PathUnusable, lambda: months.hand_over(months.one))


class TestFetching:
    def test_is_noted_each_time(self, case):
        made = case.hand_over(case.agreed())
        for _ in range(2):
            sharing.fetch(handover=made, by=case.student, at=NOON)
        assert [one.by for one in made.fetches.all()] == [case.student] * 2
        assert Entry.objects.filter(kind="inventory.shared_data_fetched").count() == 2

    def test_is_refused_to_others_late_and_after_the_end(self, case):
        made = case.hand_over(case.agreed())
        other = case.stranger.initiator.membership.person
        refuses(sharing.NotTheRecipient, lambda: sharing.fetch(handover=made, by=other, at=NOON))
        refuses(sharing.HandoverRunOut, lambda: sharing.fetch(handover=made, by=case.student, at=made.expires_at))
        sharing.end(agreement=made.agreement, reason="终止", mandate=case.authority.initiator, at=NOON)
        refuses(sharing.AgreementEnded, lambda: sharing.fetch(handover=made, by=case.student, at=NOON))
        assert agreements.received(case.student, at=NOON) == []


class TestEnding:
    def test_says_why_and_happens_once(self, case):
        one = case.agreed()
        refuses(
            sharing.steps.ReasonMissing,
            lambda: sharing.end(agreement=one, reason=" ", mandate=case.authority.initiator, at=NOON),
        )
        sharing.end(agreement=one, reason="研究结束", mandate=case.authority.initiator, at=NOON)
        refuses(
            sharing.AgreementEnded,
            lambda: sharing.end(agreement=one, reason="再次", mandate=case.authority.initiator, at=NOON),
        )


class TestPages:
    def sign_in(self, client, mandate):
        world.sign_in(client, mandate.membership.person)
        return client

    def test_walk_from_the_proposal_to_the_bytes(self, client, now):
        self.sign_in(client, now.authority.initiator)
        form = {
            "reference": "by-page-1", "recipient": now.university.organisation.pk, "title": "共享协议",
            "purposes": ["RESEARCH"], "detail": "研究", "onward": "不得转交", "since": "2026-06-01",
            "until": "2027-05-31", "covered": [f"d:{now.weather.pk}"],
            "scan_file": SimpleUploadedFile("协议.pdf", proposing.pdf(400)),
        }  # fmt: skip
        assert client.post(reverse("inventory:sharing_propose"), form).url == reverse("inventory:sharing_desk")
        asked = Instruction.objects.get(act=agreements.CONCLUDE)

        self.sign_in(client, now.authority.confirmer)
        assert "共享协议" in client.get(reverse("inventory:sharing_desk")).content.decode()
        client.post(reverse("inventory:sharing_sign", args=[asked.pk]), {"do": "confirm"})
        one = Agreement.objects.get()
        over = {"reference": "o-1", "coverage": one.coverage.get().pk, "purpose": "RESEARCH", "days": 3, "note": ""}
        page = reverse("inventory:agreement", args=[one.pk])
        assert client.post(page, over).url == page

        self.sign_in(client, now.university.initiator)
        said = client.get(reverse("inventory:received")).content.decode()
        made = Handover.objects.get()
        assert reverse("inventory:fetch", args=[made.pk]) in said
        answer = client.get(reverse("inventory:fetch", args=[made.pk]))
        assert len(b"".join(answer)) == now.weather.size_bytes
        assert Fetch.objects.get().by == now.student

        client.logout()
        assert "共享协议" in client.get(reverse("inventory:sharing")).content.decode()

    def test_show_a_refusal_where_it_belongs(self, client, now):
        self.sign_in(client, now.authority.initiator)
        one = now.agreed()
        page = reverse("inventory:agreement", args=[one.pk])
        answer = client.post(page, {"reference": "o-1", "coverage": 0, "purpose": "RESEARCH", "days": 99})
        assert answer.status_code == 422
        assert not Handover.objects.exists()

    def test_end_an_agreement(self, client, now):
        self.sign_in(client, now.authority.confirmer)
        page = reverse("inventory:agreement", args=[now.agreed().pk])
        assert client.post(page, {"do": "end", "reason": "研究结束"}).url == page
        assert "研究结束" in client.get(page).content.decode()

    def test_tell_strangers_nothing(self, client, now):
        made = now.hand_over(now.agreed())
        self.sign_in(client, now.stranger.initiator)
        for name, key in [("agreement", made.agreement_id), ("fetch", made.pk)]:
            assert client.get(reverse(f"inventory:{name}", args=[key])).status_code == 404
        assert client.get(reverse("inventory:sharing_desk")).status_code == 404

    def test_offer_public_data_without_an_agreement(self, client, now):
        self.sign_in(client, now.authority.initiator)
        said = client.get(reverse("inventory:sharing_propose")).content.decode()
        assert (now.weather.title in said, now.open.title in said) == (True, False)
        assert Dataset.objects.count() == 2
