import base64
import hashlib
import os
import shutil
import socket
import time

import pytest
from django.utils import timezone
from tests import world
from tests.files import server

from tanhui.files import store
from tanhui.files.models import Upload
from tanhui.identity.acts import enrolment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MB = 1 << 20
LINE = b"0123456789abcdef" * 63 + b"0123456789abcde\n"  # plain text, so that it may stay


@pytest.fixture
def running(settings_var):
    with server.serving() as found:
        yield found


@pytest.fixture
def headers(db):
    token = enrolment.make_token(person=world.person(), label="test", at=timezone.now())
    return {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}


def begun(running, headers, size):
    named = ",".join(f"{name} {base64.b64encode(value).decode()}" for name, value in {"filename": b"a.txt"}.items())
    answer = running.ask("POST", "/api/v1/uploads", **headers, **{"Upload-Length": str(size), "Upload-Metadata": named})
    assert answer.status == 201, answer.content
    return answer.headers["Location"]


def offset(running, headers, path):
    return int(running.ask("HEAD", path, **headers).headers["Upload-Offset"])


def head(path, headers, start, length):
    lines = [f"PATCH {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}", f"Upload-Offset: {start}"]
    lines += ["Content-Type: application/offset+octet-stream", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class TestAConnectionThatBreaks:
    def test_loses_nothing_of_what_arrived_and_is_resumed(self, running, headers):
        content = os.urandom(1).hex().encode() * (10 * MB)
        path = begun(running, headers, len(content))
        line = socket.create_connection(("127.0.0.1", running.port))
        line.sendall(head(path, headers, 0, len(content)) + content[: 6 * MB])
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        arrived(running, headers, path, 4 * MB)
        line.close()  # with a reset, in the middle
        assert 4 * MB <= offset(running, headers, path) <= 6 * MB
        send_the_rest(running, headers, path, content)
        upload = Upload.objects.get()
        assert (upload.state, upload.sha256) == ("FINISHED", hashlib.sha256(content).hexdigest())

    def test_that_merely_falls_silent_does_not_keep_the_sender_out(self, running, headers):
        content = b"a" * (9 * MB)
        path = begun(running, headers, len(content))
        silent = socket.create_connection(("127.0.0.1", running.port))
        silent.sendall(head(path, headers, 0, len(content)) + content[: 5 * MB])
        arrived(running, headers, path, 4 * MB)
        send_the_rest(running, headers, path, content)
        silent.close()
        assert Upload.objects.get().state == "FINISHED"


def send_the_rest(running, headers, path, content):
    """As a client does: ask where to go on, go on, and ask again when that was overtaken."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        place = offset(running, headers, path)
        rest = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(place)}
        try:
            if running.ask("PATCH", path, content[place:], **headers, **rest).status == 204:
                return
        except OSError:  # answered and closed before all was sent
            continue
    raise AssertionError("the upload cannot be resumed")


def arrived(running, headers, path, wanted):
    end = time.monotonic() + 30
    while offset(running, headers, path) < wanted:
        assert time.monotonic() < end


class TestALargeFile:
    def test_passes_through_without_filling_memory(self, running, headers, settings_var, record_property, tmp_path):
        size = 200 * MB
        source = tmp_path / "source"
        with source.open("wb") as file:
            for _ in range(200):
                file.write(LINE * 1024)
        path = begun(running, headers, size)
        before = running.peak_kb()
        started = time.perf_counter()
        with source.open("rb") as file:
            line = running.connect()
            sent = headers | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
            line.request("PATCH", path, file, sent | {"Content-Length": str(size)})
            answer = line.getresponse()
            answer.read()
            line.close()
        seconds = time.perf_counter() - started
        grown = running.peak_kb() - before
        upload = Upload.objects.get()
        started = time.perf_counter()
        shutil.copyfile(source, tmp_path / "copy")
        store.sync(tmp_path / "copy")
        copied = time.perf_counter() - started
        record_property("upload_mb_per_second", round(200 / seconds))
        record_property("copy_mb_per_second", round(200 / copied))
        record_property("server_grew_mb", grown >> 10)
        print(f"upload {200 / seconds:.0f} MB/s, copy {200 / copied:.0f} MB/s, grew {grown >> 10} MB")
        assert answer.status == 204
        assert upload.received_bytes == size
        assert (upload.state, upload.sha256) == ("FINISHED", store.digest(source))
        assert grown < 40 * 1024
