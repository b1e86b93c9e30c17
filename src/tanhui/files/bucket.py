"""Contents in an S3 bucket (MinIO, OSS, OBS and others speak the same protocol).

``TANHUI_FILES_URL`` is ``s3://bucket/prefix?endpoint=ADDRESS&region=NAME``; who we are there comes from where boto3
looks for it (``AWS_ACCESS_KEY_ID`` and so on). Only an installation that uses a bucket needs boto3.
"""

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

PIECE = 1 << 20
ABSENT = {"404", "NoSuchKey", "NotFound"}


class Bucket:
    """Contents as objects named after their hash; the service itself checks every byte it takes in."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self.client, self.bucket, self.prefix = client, bucket, prefix

    @classmethod
    def at(cls, url: str) -> "Bucket":
        named = urlsplit(url)
        options = {name: values[0] for name, values in parse_qs(named.query).items()}
        client = boto3.client("s3", endpoint_url=options.get("endpoint"), region_name=options.get("region"))
        return cls(client, named.netloc, named.path.strip("/"))

    def named(self, sha256: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": "/".join(filter(None, (self.prefix, sha256[:2], sha256)))}

    def keep(self, draft: Path, sha256: str) -> None:
        if not self.has(sha256):
            # One request up to 5 GB, so that the object appears at once and is checked against the whole hash.
            checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
            with draft.open("rb") as file:
                self.client.put_object(**self.named(sha256), Body=file, ChecksumSHA256=checksum)
        draft.unlink()

    def pieces(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        span = {"Range": f"bytes={start}-{'' if stop is None else stop - 1}"} if start or stop is not None else {}
        try:
            body = self.client.get_object(**self.named(sha256), **span)["Body"]
        except ClientError as fault:
            if absent(fault):
                raise FileNotFoundError(sha256) from fault
            raise OSError(str(fault)) from fault
        with contextlib.closing(body):
            yield from body.iter_chunks(PIECE)

    def has(self, sha256: str) -> bool:
        try:
            self.client.head_object(**self.named(sha256))
        except ClientError as fault:
            if absent(fault):
                return False
            raise OSError(str(fault)) from fault
        return True

    def drop(self, sha256: str) -> None:
        self.client.delete_object(**self.named(sha256))


def absent(fault: ClientError) -> bool:
    return fault.response.get("Error", {}).get("Code") in ABSENT
