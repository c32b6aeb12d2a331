"""Keeps finished texts between builds, by a key that names everything they depend on.

A file holds the digest of what follows, so that one that is damaged, half written or of another form counts as missing.
Files come into being under another name and are then renamed, so that two builds at once can share a folder.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import time
from pathlib import Path

from jinja2.bccache import Bucket, BytecodeCache

_DAY = 86400.0


class Store:
    """Texts by key in a folder, and the last ones that were used in memory."""

    # Shared by all stores of a process, so that a preview need not read again what it has just written.
    _memory: dict[Path, bytes] = {}

    def __init__(self, folder: Path, in_memory: bool = False) -> None:
        self._folder = folder
        self._in_memory = in_memory
        self._used: set[Path] = set()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:]

    def get(self, key: str) -> str | None:
        """The text, or `None` where there is none that can be trusted."""
        path = self._path(key)
        self._used.add(path)
        if path in self._memory:
            return self._memory[path].decode()
        try:
            content = path.read_bytes()
        except OSError:
            return None
        digest, body = content[:64], content[64:]
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        self._remember(path, body)
        return body.decode()

    def put(self, key: str, text: str) -> None:
        path, body = self._path(key), text.encode()
        self._used.add(path)
        self._remember(path, body)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(hashlib.sha256(body).hexdigest().encode() + body)
            os.replace(file.name, path)
        except OSError:
            pass  # a full or read-only disk costs time, not the build

    def _remember(self, path: Path, body: bytes) -> None:
        if self._in_memory:
            self._memory[path] = body

    def tidy(self, days: float = 7) -> None:
        """Forget what this build did not use: in memory at once, on disk what is older than some days."""
        for path in set(self._memory) - self._used:
            del self._memory[path]
        before = time.time() - days * _DAY
        for path in self._folder.glob("*/*"):
            try:
                if path not in self._used and path.stat().st_mtime < before:
                    path.unlink()
            except OSError:
                pass  # another build was faster


class CompiledTemplates(BytecodeCache):
    """Jinja's compiled templates in a store, under the template's own text and `made_by`, which names what else has a hand in it."""

    def __init__(self, store: Store, made_by: str) -> None:
        self._store, self._made_by = store, made_by

    def _key(self, bucket: Bucket) -> str:
        return hashlib.sha256(f"template {bucket.key} {bucket.checksum} {self._made_by}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._store.get(self._key(bucket)):
            bucket.bytecode_from_string(base64.b64decode(kept))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._store.put(self._key(bucket), base64.b64encode(bucket.bytecode_to_string()).decode())
