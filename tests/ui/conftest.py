import http.server
import io
import threading

import pytest
from PIL import Image


@pytest.fixture
def tile_server():
    """Somebody's map service on this machine: yellow tiles, and what it was asked for."""
    asked = []
    picture = io.BytesIO()
    Image.new("RGB", (256, 256), (250, 200, 60)).save(picture, "PNG")

    class Tiles(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(picture.getvalue())

        def log_message(self, *args):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
