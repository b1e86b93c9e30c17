import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import uuid

import pytest
from tests.files import samples
from tests.files.conftest import received

from tanhui.files import store
from tanhui.files.bucket import Bucket
from tanhui.files.models import Upload

CONTENT = os.urandom(3 << 20)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def draft(folder, content=CONTENT):
    path = folder / uuid.uuid4().hex
    path.write_bytes(content)
    return path


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path):
    """A store on disk, and one in a bucket behind a server that speaks S3."""
    if request.param == "folder":
        (tmp_path / "contents").mkdir()
        yield store.Folder(tmp_path / "contents")
        return
    yield from bucket()


def bucket():
    server = pytest.importorskip("moto.server", reason="the package moto is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        serving = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        serving.start()
        try:
            host, port = serving.get_host_and_port()
            found = Bucket.at(f"s3://papers/tanhui?endpoint=http://{host}:{port}&region=us-east-1")
            found.client.create_bucket(Bucket="papers")
            yield found
        finally:
            serving.stop()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
class TestAStore:
    def test_keeps_a_content_under_its_hash_and_gives_it_back(self, place, tmp_path):
        made = draft(tmp_path)
        assert not place.has(SHA256)
        place.keep(made, SHA256)
        assert place.has(SHA256)
        assert not made.exists()
        assert b"".join(place.pieces(SHA256)) == CONTENT

    def test_gives_back_any_part(self, place, tmp_path):
        place.keep(draft(tmp_path), SHA256)
        assert b"".join(place.pieces(SHA256, 10, 20)) == CONTENT[10:20]
        assert b"".join(place.pieces(SHA256, 3_000_000)) == CONTENT[3_000_000:]

    def test_keeps_the_same_content_once(self, place, tmp_path):
        for _ in range(2):
            place.keep(draft(tmp_path), SHA256)
        assert b"".join(place.pieces(SHA256)) == CONTENT

    def test_forgets_what_is_dropped_and_does_not_mind_asking_twice(self, place, tmp_path):
        place.keep(draft(tmp_path), SHA256)
        place.drop(SHA256)
        place.drop(SHA256)
        assert not place.has(SHA256)
        with pytest.raises(FileNotFoundError):
            list(place.pieces(SHA256))


class TestAFolder:
    def test_heals_a_damaged_content_when_it_comes_in_again(self, tmp_path):
        place = store.Folder(tmp_path)
        place.keep(draft(tmp_path), SHA256)
        path = place.path(SHA256)
        path.chmod(0o600)
        path.write_bytes(b"?" * len(CONTENT))
        place.keep(draft(tmp_path), SHA256)
        assert path.read_bytes() == CONTENT

    @pytest.mark.parametrize("after_ms", [0, 1, 2, 4, 8, 16, 32])
    def test_holds_a_content_whole_or_not_at_all_when_its_writer_is_killed(self, tmp_path, after_ms):
        script = textwrap.dedent(f"""
            import sys, pathlib
            from tanhui.files import store
            place = store.Folder(pathlib.Path({str(tmp_path / "contents")!r}))
            place.root.mkdir(exist_ok=True)
            made = pathlib.Path({str(tmp_path / "draft")!r})
            made.write_bytes({CONTENT[:1000]!r} * 20000)
            print("go", flush=True)
            place.keep(made, store.digest(made))
            print("kept", flush=True)
        """)
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert child.stdout.readline() == b"go\n"
        try:
            child.wait(after_ms / 1000)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        kept = [one for one in (tmp_path / "contents").rglob("*") if one.is_file() and not one.name.startswith(".")]
        assert all(store.digest(one) == one.name for one in kept)


class TestAWholeContent:
    def test_is_never_given_to_its_end_when_it_is_damaged(self, settings, tmp_path):
        settings.TANHUI_VAR = tmp_path
        store.store().keep(draft(tmp_path), SHA256)
        path = store.store().path(SHA256)
        path.chmod(0o600)
        path.write_bytes(CONTENT[:-1])
        given = bytearray()
        with pytest.raises(store.Damaged):
            given.extend(byte for piece in store.whole(SHA256, len(CONTENT)) for byte in piece)
        assert len(given) < len(CONTENT) - 1
        with pytest.raises(store.Damaged), store.as_file(SHA256, len(CONTENT)):
            pass
        assert not list(store.folder("drafts").iterdir())

    def test_can_be_had_as_a_file(self, settings, tmp_path):
        settings.TANHUI_VAR = tmp_path
        store.store().keep(draft(tmp_path), SHA256)
        with store.as_file(SHA256, len(CONTENT)) as path:
            assert path.read_bytes() == CONTENT
        assert not path.exists()


class TestAnInstallationWithABucket:
    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_keeps_its_papers_there(self, person, settings, settings_var):
        for place in bucket():
            address = f"s3://papers/x?endpoint={place.client.meta.endpoint_url}&region=us-east-1"
            settings.TANHUI_FILES_URL = address
            upload = received(person, samples.pdf())
            assert upload.state == Upload.State.FINISHED
            assert store.read(upload.sha256, upload.size_bytes) == samples.pdf()
            assert place.client.list_objects_v2(Bucket="papers")["Contents"][0]["Key"].endswith(upload.sha256)
            assert not [one for one in (settings_var / "files").rglob("*") if one.is_file()]
