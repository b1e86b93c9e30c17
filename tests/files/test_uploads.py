import base64
import hashlib
import json
import threading

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests import world
from tests.files import samples

from tanhui.files import kinds, store
from tanhui.files.models import Upload
from tanhui.identity.acts import enrolment

CONTENT = samples.pdf(pages=2) + b"\n%" + b"x" * 5000
SIZE = len(CONTENT)


class Sender:
    """Speaks tus 1.0.0 as a program does, with a bearer token."""

    def __init__(self, person):
        token = enrolment.make_token(person=person, label="test", at=timezone.now())
        self.client = Client(raise_request_exception=False)
        self.headers = {"authorization": f"Bearer {token}", "tus-resumable": "1.0.0"}

    def ask(self, method, path="/api/v1/uploads", content=b"", content_type="", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        return self.client.generic(method, path, content, content_type, headers=self.headers | sent)

    def begin(self, size=SIZE, name="材料.pdf", kind="any"):
        metadata = f"filename {told(name)},kind {told(kind)}"
        return self.ask("POST", upload_length=str(size), upload_metadata=metadata)

    def append(self, path, content, offset, **headers):
        kind = "application/offset+octet-stream"
        return self.ask("PATCH", path, content, kind, upload_offset=str(offset), **headers)


def told(text):
    return base64.b64encode(text.encode()).decode()


def problem(answer, status, code):
    assert answer["Content-Type"] == "application/problem+json"
    said = json.loads(answer.content)
    assert (answer.status_code, said["code"]) == (status, code), said


@pytest.fixture
def sender(person):
    return Sender(person)


@pytest.fixture
def address(sender):
    return sender.begin()["Location"]


class TestAnUpload:
    def test_is_received_in_pieces_and_ends_checked(self, sender):
        begun = sender.begin()
        assert (begun.status_code, begun["Tus-Resumable"]) == (201, "1.0.0")
        path = begun["Location"]
        first = sender.append(path, CONTENT[:1000], 0)
        assert (first.status_code, first["Upload-Offset"]) == (204, "1000")
        resumed = sender.ask("HEAD", path)
        assert (resumed["Upload-Offset"], resumed["Upload-Length"]) == ("1000", str(len(CONTENT)))
        assert resumed["Cache-Control"] == "no-store"
        assert sender.append(path, CONTENT[1000:], 1000)["Upload-Offset"] == str(len(CONTENT))
        said = sender.ask("GET", path).json()
        assert (said["state"], said["format"], said["facts"]) == ("FINISHED", "pdf", {"pages": 2})
        assert said["sha256"] == hashlib.sha256(CONTENT).hexdigest()
        assert store.read(said["sha256"], len(CONTENT)) == CONTENT

    def test_says_what_it_speaks(self, sender):
        said = sender.client.options("/api/v1/uploads")
        assert said.status_code == 204
        assert said["Tus-Version"] == "1.0.0"
        assert set(said["Tus-Extension"].split(",")) == {"creation", "termination", "expiration", "checksum"}
        assert said["Tus-Checksum-Algorithm"] == "sha256"
        assert int(said["Tus-Max-Size"]) == 2 * kinds.GB

    def test_says_why_a_file_is_refused_and_keeps_nothing_of_it(self, sender, settings_var):
        content = b"MZ" + b"\x00" * 400
        path = sender.begin(size=len(content), kind="paper")["Location"]
        assert sender.append(path, content, 0).status_code == 204
        said = sender.ask("GET", path).json()
        assert (said["state"], said["refusal"]["code"]) == ("REFUSED", "files.format_refused")
        assert "PDF" in said["refusal"]["detail"]
        assert not [one for one in (settings_var / "files").rglob("*") if one.is_file()]

    def test_goes_on_only_where_it_ended(self, sender, address):
        problem(sender.append(address, b"x", 7), 409, "files.offset_wrong")
        assert sender.ask("HEAD", address)["Upload-Offset"] == "0"

    def test_takes_no_more_than_was_announced(self, sender, address):
        problem(sender.append(address, CONTENT + b"x", 0), 413, "files.piece_too_long")

    def test_takes_nothing_once_it_has_ended(self, sender, address):
        sender.append(address, CONTENT, 0)
        problem(sender.append(address, b"x", SIZE), 409, "files.upload_closed")

    def test_counts_a_piece_with_its_checksum_or_not_at_all(self, sender, address):
        right = f"sha256 {base64.b64encode(hashlib.sha256(CONTENT[:99]).digest()).decode()}"
        problem(sender.append(address, b"y" * 99, 0, upload_checksum=right), 460, "files.checksum_wrong")
        assert sender.ask("HEAD", address)["Upload-Offset"] == "0"
        assert sender.append(address, CONTENT[:99], 0, upload_checksum=right)["Upload-Offset"] == "99"
        sender.append(address, CONTENT[99:], 99)
        assert sender.ask("GET", address).json()["sha256"] == hashlib.sha256(CONTENT).hexdigest()

    def test_can_be_given_up(self, sender, address):
        sender.append(address, CONTENT[:100], 0)
        assert sender.ask("DELETE", address).status_code == 204
        problem(sender.ask("GET", address), 404, "site.not_found")
        assert not list(store.folder("drafts").iterdir())

    def test_is_nothing_to_anybody_else(self, sender, address, other):
        stranger = Sender(other)
        for method in ("GET", "HEAD", "DELETE"):
            assert stranger.ask(method, address).status_code == 404
        assert stranger.append(address, CONTENT, 0).status_code == 404
        assert Upload.objects.get().received_bytes == 0

    @pytest.mark.parametrize(
        ("headers", "status", "code"),
        [
            ({"tus_resumable": "0.2.2"}, 412, "files.tus_version_unsupported"),
            ({"upload_length": "-1"}, 400, "files.tus_header_wrong"),
            ({"upload_length": "9" * 40}, 400, "files.tus_header_wrong"),
            ({"upload_length": None}, 400, "files.tus_header_wrong"),
            ({"upload_length": str(3 * kinds.GB)}, 413, "files.file_too_large"),
            ({"upload_length": "0"}, 422, "files.file_empty"),
            ({"upload_metadata": "filename ###"}, 400, "files.tus_header_wrong"),
            ({"upload_metadata": f"filename {told('a' * 300)}"}, 422, "files.name_too_long"),
            ({"upload_metadata": f"filename {told('a' + chr(0))}"}, 422, "files.name_hidden"),
            ({"upload_metadata": ""}, 422, "files.name_empty"),
            ({"upload_metadata": f"filename {told('a')},kind {told('nobody')}"}, 422, "files.kind_unknown"),
        ],
    )
    def test_is_refused_where_its_headers_are_wrong(self, sender, headers, status, code):
        usual = {"upload_length": "10", "upload_metadata": f"filename {told('a.pdf')}"}
        problem(sender.ask("POST", **(usual | headers)), status, code)
        assert not Upload.objects.exists()

    def test_takes_bytes_only_as_an_offset_stream(self, sender, address):
        answer = sender.ask("PATCH", address, b"{}", "application/json", upload_offset="0")
        problem(answer, 415, "files.not_an_offset_stream")

    @pytest.mark.parametrize("given", ["md5 AAAA", "sha256 ###", "sha256", "sha256 AAAA"])
    def test_refuses_a_checksum_it_cannot_read(self, sender, address, given):
        problem(sender.append(address, CONTENT, 0, upload_checksum=given), 400, "files.tus_header_wrong")


class TestASession:
    def test_uploads_with_its_csrf_token_and_not_without(self, person):
        browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
        world.sign_in(browser, person)
        sent = {"tus-resumable": "1.0.0", "upload-length": "10", "upload-metadata": f"filename {told('a.pdf')}"}
        answer = browser.post("/api/v1/uploads", headers=sent, content_type="")
        problem(answer, 403, "site.cross_site")
        browser.get("/login")
        token = browser.cookies["csrftoken"].value
        answer = browser.post("/api/v1/uploads", headers=sent | {"x-csrftoken": token}, content_type="")
        assert answer.status_code == 201

    def test_is_needed(self, client):
        problem(client.post("/api/v1/uploads"), 401, "site.not_signed_in")


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_of_two_writers_one_goes_on_and_the_content_is_whole(self, settings_var):
        person = world.person()
        sender = Sender(person)
        size = 6 << 20
        path = sender.begin(size=size, kind="any")["Location"]
        gate, answers = threading.Barrier(2, timeout=60), {}

        def write(letter):
            gate.wait()
            try:
                answers[letter] = Sender.append(sender, path, letter * size, 0).status_code
            finally:
                connection.close()

        threads = [threading.Thread(target=write, args=[letter]) for letter in (b"a", b"b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers.values()) == [204, 409]
        winner = next(letter for letter, status in answers.items() if status == 204)
        said = sender.ask("GET", path).json()
        assert (said["state"], said["format"]) == ("FINISHED", "text")
        assert said["sha256"] == hashlib.sha256(winner * size).hexdigest()
