"""Keeps between builds what took long to make, by a key that names everything it depends on.

A file holds the digest of what follows, so that one that is damaged, half written or of another form counts as missing.
Files come into being under another name and are then renamed, so that two builds at once can share a folder.
What Python reads back as code or objects makes this folder as much a matter of trust as the code beside it.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from jinja2.bccache import Bucket, BytecodeCache

_DAY = 86400.0
_Read = TypeVar("_Read")


class Store:
    """Contents by key in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[Path] = set()

    def _path(self, key: str) -> Path:
        path = self._folder / key[:2] / key[2:]
        self._used.add(path)
        return path

    def has(self, key: str) -> bool:
        """Whether there is something; whether it can be trusted shows when it is read."""
        return self._path(key).is_file()

    def get(self, key: str) -> bytes | None:
        """The content, or `None` where there is none that is as it was put there."""
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        digest, body = content[:64], content[64:]
        return body if hashlib.sha256(body).hexdigest().encode() == digest else None

    def put(self, key: str, body: bytes) -> bool:
        """Keep the content; whether that went well. A full or read-only disk costs time, not the build."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(hashlib.sha256(body).hexdigest().encode() + body)
            os.replace(file.name, path)
        except OSError:
            return False
        return True

    def tidy(self, days: float = 7) -> None:
        """Forget what this build did not use and nobody has written for some days."""
        before = time.time() - days * _DAY
        for path in self._folder.glob("*/*"):
            try:
                if path not in self._used and path.stat().st_mtime < before:
                    path.unlink()
            except OSError:
                pass  # another build was faster


class ReadFiles:
    """What was read from files, so that a build reads again only those that changed. Keeps nothing until it is told where."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._made_by = ""

    def keep_in(self, store: Store | None, made_by: str = "") -> None:
        """`made_by` names everything beside a file's content that has a hand in what is read from it."""
        self._store, self._made_by = store, made_by

    def read(self, name: str, content: bytes, reader: Callable[[bytes], _Read]) -> _Read:
        """What `reader` makes of the content of the file with this name, or made of it before."""
        if self._store is None:
            return reader(content)
        key = hashlib.sha256(f"file {self._made_by} {name}\n".encode() + content).hexdigest()
        if (kept := self._store.get(key)) is not None:
            return pickle.loads(kept)  # noqa: S301 (written by this class, see above)
        read = reader(content)
        self._store.put(key, pickle.dumps(read, pickle.HIGHEST_PROTOCOL))
        return read


# One for each process, as files are read below what knows of builds.
read_files = ReadFiles()


class CompiledTemplates(BytecodeCache):
    """Jinja's compiled templates in a store, under the template's own text and `made_by`, which names what else has a hand in it."""

    def __init__(self, store: Store, made_by: str) -> None:
        self._store, self._made_by = store, made_by

    def _key(self, bucket: Bucket) -> str:
        return hashlib.sha256(f"template {bucket.key} {bucket.checksum} {self._made_by}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._store.get(self._key(bucket)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._store.put(self._key(bucket), bucket.bytecode_to_string())
