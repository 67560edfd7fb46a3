"""Servers of objects and of files on this machine: moto in the place of S3, and a web server that can misbehave."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

BUCKET = "maps"


class Bucket:
    """One bucket, seen through boto3: what is in it is asked of another library than the one that wrote it.

    Args:
        port: Of the server.
    """

    def __init__(self, port: int) -> None:
        import boto3
        from botocore.config import Config

        self.env = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "somebody",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=self.env["AWS_ENDPOINT_URL"],
            aws_access_key_id="somebody",
            aws_secret_access_key="secret",  # noqa: S106 - moto asks for none
            region_name="us-east-1",
            config=Config(read_timeout=5),
        )
        self._client.create_bucket(Bucket=BUCKET)

    def put(self, key: str, data: bytes) -> str:
        """Put an object there; its URL."""
        self._client.put_object(Bucket=BUCKET, Key=key, Body=data)
        return f"s3://{BUCKET}/{key}"

    def get(self, key: str) -> bytes:
        """An object."""
        data: bytes = self._client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return data

    def keys(self, prefix: str = "") -> set[str]:
        """Of all objects whose keys begin so."""
        found = self._client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return {one["Key"] for one in found.get("Contents", ())}

    def unfinished(self) -> int:
        """How many uploads are open."""
        return len(self._client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ()))

    def empty(self) -> None:
        """Remove all of it."""
        for key in self.keys():
            self._client.delete_object(Bucket=BUCKET, Key=key)
        for one in self._client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ()):
            self._client.abort_multipart_upload(Bucket=BUCKET, Key=one["Key"], UploadId=one["UploadId"])


class Web:
    """A server of files in memory, each of which can be had in several ways: `URL/WAY/NAME`.

    Attributes:
        files: What it has, by name.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        files = self.files

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self, files)

            def log_message(self, *_: object) -> None:
                """Nothing is said."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


def answer(to: BaseHTTPRequestHandler, files: dict[str, bytes]) -> None:
    """Answer in the way that stands before a file's name."""
    way, _, name = to.path.partition("?")[0].strip("/").partition("/")
    data = files.get(name)
    if data is None or way == "denied":
        to.send_error(404 if data is None else 403)
        return
    wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", to.headers.get("Range", ""))
    if wanted is None or way.startswith("whole"):
        to.send_response(200)
        if way != "whole-of-no-size":
            to.send_header("Content-Length", str(len(data)))
        piece = data[:-50] if way == "whole-cut" else data
    else:
        start, stop = int(wanted[1]), min(int(wanted[2]) + 1, len(data))
        begins = start + 8 if way == "parts-of-elsewhere" else start
        size = 10**17 if way == "parts-of-much" else len(data)
        piece = data[start:stop]
        to.send_response(206)
        to.send_header("Content-Range", f"bytes {begins}-{stop - 1}/{size}")
        to.send_header("Content-Length", str(10**15 if way == "parts-and-more" else len(piece)))
        if way == "parts-that-change":
            to.send_header("ETag", f'"{start}"')
        piece = piece[:-10] if way == "parts-cut" else piece + bytes(1 << 16) if way == "parts-and-more" else piece
    to.end_headers()
    to.wfile.write(piece)
