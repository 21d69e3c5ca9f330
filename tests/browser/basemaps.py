"""Basemaps on this machine: a server of raster tiles, or of an archive of them, on an origin of its own."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

__all__ = ["Basemap", "served"]


def _png() -> bytes:
    """A blue picture of one dot."""

    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", head)
        + part(b"IDAT", zlib.compress(b"\0\x20\x60\xe0"))
        + part(b"IEND", b"")
    )


def _archive() -> bytes:
    """A PMTiles archive (version 3) of one raster tile, the one that shows the whole earth."""
    tile = _png()
    directory = bytes((1, 0, 1, len(tile), 1))  # one entry: its id, how often it counts, its length, its place
    assert len(tile) < 128
    metadata = b"{}"
    start = 127
    at_metadata = start + len(directory)
    at_tiles = at_metadata + len(metadata)
    places = (start, len(directory), at_metadata, len(metadata), at_tiles, 0, at_tiles, len(tile), 1, 1, 1)
    plain, png, deepest = 1, 2, 0
    header = b"PMTiles\x03" + struct.pack("<11Q", *places) + bytes((1, plain, plain, png, 0, deepest))
    header += struct.pack("<4i", -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000) + bytes(1) + bytes(8)
    assert len(header) == start
    return header + directory + metadata + tile


class Basemap:
    """A basemap that is served at `url`; `asked` are the paths that were asked for."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.asked: list[str] = []


@contextmanager
def served() -> Iterator[Basemap]:
    """Serve both kinds until the block ends."""
    archive, tile = _archive(), _png()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            basemap.asked.append(self.path)
            whole = archive if self.path.endswith(".pmtiles") else tile
            wanted = self.headers.get("Range", "").removeprefix("bytes=")
            first, _, last = wanted.partition("-")
            body = whole[int(first) : int(last) + 1] if wanted else whole
            self.send_response(206 if wanted else 200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Type", "image/png" if whole is tile else "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_OPTIONS(self) -> None:
            self.send_response(204)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "range")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    basemap = Basemap(server.server_address[1])
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield basemap
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
