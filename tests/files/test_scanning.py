import socketserver
import struct
import threading

import pytest
from tests.files.conftest import received
from tests.world import refuses

from tanhui.files import refusals, scanning, store, tasks
from tanhui.files.acts import receiving
from tanhui.files.models import Scan, Upload

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd(socketserver.StreamRequestHandler):
    """Speaks clamd's INSTREAM: pieces with their lengths, a zero length, one answer."""

    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        found = b"Eicar-Test-Signature FOUND" if EICAR in content else b"OK"
        self.wfile.write(self.server.answer or b"stream: " + found + b"\0")


@pytest.fixture(params=["tcp", "unix"])
def clamd(request, settings, tmp_path):
    if request.param == "tcp":
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd)
        settings.TANHUI_CLAMD = f"127.0.0.1:{server.server_address[1]}"
    else:
        path = tmp_path / "clamd.sock"
        server = socketserver.ThreadingUnixStreamServer(str(path), Clamd)
        settings.TANHUI_CLAMD = f"unix:{path}"
    server.answer = None
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class TestAScanner:
    def test_lets_a_harmless_file_pass_and_the_upload_says_so(self, person, clamd):
        assert received(person, "说明\n".encode() * 100_000, name="a.txt").scan == Scan.CLEAN

    def test_has_a_malicious_file_refused_and_set_aside(self, person, clamd, settings_var):
        with pytest.raises(refusals.Infected) as caught:
            received(person, EICAR, name="发票.txt")
        assert caught.value.facts == {"signature": "Eicar-Test-Signature"}
        upload = Upload.objects.get()
        assert (upload.state, upload.scan) == ("REFUSED", Scan.FOUND)
        assert [one.name for one in store.folder("quarantine").iterdir()] == [upload.sha256]
        assert not store.store().has(upload.sha256)

    def test_that_answers_nonsense_lets_nothing_pass(self, person, clamd):
        clamd.answer = b"INSTREAM size limit exceeded. ERROR\0"
        with refuses(scanning.ScannerSilent):
            received(person, "说明\n".encode(), name="a.txt")


class TestASilentScanner:
    def test_keeps_a_file_waiting_until_it_speaks_again(self, person, settings, monkeypatch):
        settings.TANHUI_CLAMD = "127.0.0.1:9"  # nobody listens there
        content = "说明\n".encode()
        with refuses(scanning.ScannerSilent):
            received(person, content, name="a.txt")
        upload = receiving.begin(person=person, name="a.txt", size=len(content), kind="any", at=person.joined_at)
        store.draft_path(upload.pk).write_bytes(content)
        Upload.objects.filter(pk=upload.pk).update(received_bytes=len(content))
        tasks.settle_waiting()
        upload.refresh_from_db()
        assert upload.state == "RECEIVING"
        settings.TANHUI_CLAMD = ""
        tasks.settle_waiting()
        upload.refresh_from_db()
        assert (upload.state, upload.scan) == ("FINISHED", Scan.NONE)


def test_without_a_scanner_a_version_says_it_was_not_scanned(person):
    assert received(person, "说明\n".encode(), name="a.txt").get_scan_display()
    assert received(person, "说明\n".encode(), name="a.txt").scan == Scan.NONE
