import csv
import io
import subprocess
import sys
import textwrap
import threading
import time

import pytest
import python_calamine
from django.db import connection
from django.http import Http404
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.files import server
from tests.files.conftest import NOON, later
from tests.world import refuses

from tanhui.files import access, exports, serving, store, tasks
from tanhui.files.acts import exporting
from tanhui.files.models import Export
from tanhui.journal.models import Entry

LONG = 60_000


def numbered(parameters):
    count = int(parameters.get("count", LONG))
    return count, ([f"{number:018d}", "=1+1", number, "油松"] for number in range(count))


def header():
    from django.utils.translation import gettext as _

    return [_("Format"), _("Encoding"), "n", "name"]


def broken(parameters):
    def rows():
        yield ["1"]
        raise RuntimeError("the list broke")

    return 1, rows()


@pytest.fixture(autouse=True)
def lists():
    exports.known()
    exports.register("test.numbers", title="编号清单", rows=numbered, header=header)
    exports.register("test.broken", title="坏清单", rows=broken, header=header)
    exports.register("test.secret", title="内部清单", rows=numbered, header=header, may=lambda who, what, at: False)
    yield
    for name in ("test.numbers", "test.broken", "test.secret"):
        exports._exporters.pop(name)


def asked(person, name="test.numbers", form="csv", at=NOON, **parameters):
    return exporting.ask(person=person, name=name, parameters=parameters, form=form, language="zh-hans", at=at)


def made(export, at=NOON):
    exporting.make(key=export.pk, at=at)
    export.refresh_from_db()
    return export


class TestAnExport:
    def test_is_made_by_the_worker_into_a_file_that_keeps_ids_and_runs_no_formula(self, person):
        export = asked(person)
        assert ProcrastinateJob.objects.get().args == {"key": str(export.pk)}
        assert made(export).state == "READY"
        content = store.read(export.sha256, export.size_bytes)
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert rows[0][:2] == ["格式", "字符编码"]
        assert rows[1] == ["000000000000000000", "'=1+1", "0", "油松"]
        assert (len(rows), export.rows_done, export.rows_total) == (LONG + 1, LONG, LONG)

    def test_opens_as_a_workbook_with_text_where_text_was(self, person):
        export = made(asked(person, form="xlsx", count="5"))
        content = store.read(export.sha256, export.size_bytes)
        rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        assert rows[1] == ["000000000000000000", "=1+1", 0.0, "油松"]

    def test_says_how_far_it_is_while_it_is_made(self, person, monkeypatch):
        seen = []
        export = asked(person)
        told = exporting.told

        def watched(one, total, rows):
            for row in told(one, total, rows):
                if one.rows_done == 40_000:
                    seen.append(Export.objects.values_list("state", "rows_done").get(pk=one.pk))
                yield row

        monkeypatch.setattr(exporting, "told", watched)
        made(export)
        assert seen == [("RUNNING", 40_000)]

    def test_is_told_in_the_journal(self, person):
        export = made(asked(person, count="3"))
        assert str(export.pk) in bytes(Entry.objects.get(kind="files.exported").leaf).decode()

    def test_asked_for_twice_is_one_while_it_is_made(self, person):
        assert asked(person, count="7") == asked(person, count="7")
        assert asked(person, count="7") != asked(person, count="8")
        assert ProcrastinateJob.objects.count() == 2

    def test_is_limited_to_a_few_at_a_time(self, person):
        for number in range(exporting.MOST_OPEN):
            asked(person, count=str(number))
        with refuses(exporting.ExportsWaiting, count=exporting.MOST_OPEN):
            asked(person, count="99")

    @pytest.mark.parametrize("name", ["test.secret", "nobody.knows", "x" * 300])
    def test_of_what_one_may_not_see_is_refused_like_what_is_not_there(self, person, name):
        with refuses(exports.ExportUnknown):
            asked(person, name=name)

    def test_that_fails_three_times_says_so_and_leaves_nothing(self, person, settings_var):
        export = asked(person, name="test.broken")
        for _ in range(exporting.TRIES - 1):
            with pytest.raises(RuntimeError):
                made(export)
        assert made(export).state == "FAILED"
        assert not [one for one in (settings_var / "files").rglob("*") if one.is_file()]

    def test_runs_out_and_takes_its_file_along(self, person, monkeypatch):
        export = made(asked(person, count="5"))
        sha256 = export.sha256
        monkeypatch.setattr(timezone, "now", lambda: later(days=8))
        tasks.forget_expired()
        export.refresh_from_db()
        assert (export.state, export.sha256) == ("EXPIRED", "")
        assert not store.store().has(sha256)

    def test_belongs_to_who_asked(self, person, other, client):
        export = made(asked(person, count="5"))
        with pytest.raises(Http404):
            access.export(other, export.pk)
        client.force_login(other)
        assert client.get(f"/files/exports/{export.pk}/file").status_code == 404
        client.force_login(person)
        assert client.get(f"/files/exports/{export.pk}/file").status_code == 200

    def test_can_be_taken_back_while_it_is_made(self, person, monkeypatch):
        export = asked(person, count="5")
        told = exporting.told

        def taken_back(one, total, rows):
            exporting.forget(export=one)
            return told(one, total, rows)

        monkeypatch.setattr(exporting, "told", taken_back)
        exporting.make(key=export.pk, at=NOON)
        assert not Export.objects.exists()
        assert not list(store.folder("drafts").iterdir())


class TestThePage:
    def test_streams_a_short_list_and_makes_a_job_of_a_long_one(self, person, client):
        client.force_login(person)
        short = client.get("/files/exports/new?name=test.numbers&form=csv&count=3")
        assert b"".join(short.streaming_content).count(b"\n") == 4
        long = client.get("/files/exports/new?name=test.numbers&form=xlsx", follow=True)
        assert long.redirect_chain == [("/files/exports", 302)]
        said = long.content.decode()
        assert "编号清单" in said
        assert "排队中" in said
        assert 'hx-trigger="every 2s"' in said
        made(Export.objects.get(), at=timezone.now())
        done = client.get("/files/exports").content.decode()
        assert "可下载" in done
        assert "hx-trigger" not in done

    def test_sends_a_stranger_who_wants_a_long_list_to_sign_in(self, client, db, settings_var):
        assert client.get("/files/exports/new?name=test.numbers&form=csv").url.startswith("/login")
        assert client.get("/files/exports/new?name=test.numbers&form=csv&count=2").status_code == 200

    @pytest.mark.parametrize("query", ["", "name=x&form=csv", "name=test.numbers&form=exe", "name=%00&form=csv"])
    def test_refuses_what_it_cannot_read(self, client, db, query):
        assert client.get(f"/files/exports/new?{query}").status_code in (404, 422)


@pytest.mark.django_db(transaction=True)
class TestAWorkerThatIsKilled:
    def test_leaves_nothing_that_counts_and_the_next_one_begins_anew(self, person, settings_var):
        export = asked(person, count="400000")
        child = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(key=export.pk, var=settings_var)], env=server.surroundings()
        )
        end = time.monotonic() + 60
        while Export.objects.get(pk=export.pk).rows_done < 10_000:
            assert time.monotonic() < end
            assert child.poll() is None
            threading.Event().wait(0.02)
        child.kill()
        child.wait()
        export.refresh_from_db()
        assert (export.state, export.sha256) == ("RUNNING", "")
        with refuses(serving.ExportNotReady):
            serving.export(None, export)
        assert not list(store.folder("contents").iterdir())
        Export.objects.filter(pk=export.pk).update(parameters={"count": "60000"})
        assert made(export).state == "READY"
        assert export.rows_done == 60_000
        assert not list(store.folder("drafts").iterdir())

    def test_is_not_joined_by_another_over_the_same_export(self, person, settings_var):
        export = asked(person, count="5")
        with exporting.alone(export.pk):
            thread = threading.Thread(target=lambda: (exporting.make(key=export.pk, at=NOON), connection.close()))
            thread.start()
            thread.join()
        export.refresh_from_db()
        assert export.state == "ASKED"


SCRIPT = textwrap.dedent(
    """
    import uuid, pathlib, django
    from django.conf import settings
    django.setup()
    settings.TANHUI_VAR = pathlib.Path("{var}")
    from django.utils import timezone
    from tanhui.files import exports
    from tanhui.files.acts import exporting
    exports.known()
    exports.register("test.numbers", title="x", header=lambda: ["n"],
                     rows=lambda asked: (int(asked["count"]), ([n, "=1"] for n in range(int(asked["count"])))))
    exporting.make(key=uuid.UUID("{key}"), at=timezone.now())
    """
)
