"""Tell by its first bytes what a file really is, whatever its name says."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from core.base.errors import BadInput


class Container(StrEnum):
    """How the bytes are packed."""

    TEXT = "text"
    PARQUET = "parquet"
    XLSX = "xlsx"


_GZIP = b"\x1f\x8b"
_BLOCK = 1 << 20
_NOT_DATA = (
    (b"%PDF", "a PDF document. Export the table as CSV or XLSX and import that"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office file. Save it as .xlsx or CSV and import that"),
    (b"\x89PNG", "a picture. Import the table it belongs to instead"),
    (b"\xff\xd8\xff", "a picture. Import the table it belongs to instead"),
    (b"GIF8", "a picture. Import the table it belongs to instead"),
    (b"SQLite format 3", "a SQLite database. Export its tables as CSV and import those"),
    (b"BZh", "bzip2-compressed. Unpack it first; of the compressed forms only .gz is read"),
    (b"\xfd7zXZ", "xz-compressed. Unpack it first; of the compressed forms only .gz is read"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed. Unpack it first; of the compressed forms only .gz is read"),
    (b"7z\xbc\xaf", "a 7-Zip archive. Unpack it and import the files inside one by one"),
    (b"Rar!", "a RAR archive. Unpack it and import the files inside one by one"),
    (b"ORC", "an ORC file. Convert it to Parquet or CSV and import that"),
    (b"Obj\x01", "an Avro file. Convert it to Parquet or CSV and import that"),
    (b"ARROW1", "an Arrow file. Convert it to Parquet or CSV and import that"),
    (b"{\\rtf", "a rich-text document. Export the table as CSV and import that"),
    (b"\x7fELF", "a program. Choose a CSV, TSV, JSON Lines, Parquet or XLSX file"),
)


def open_bytes(path: Path) -> IO[bytes]:
    """Open the file for reading, unpacking gzip; the caller closes it."""
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def is_gzip(path: Path) -> bool:
    """Return whether the file is gzip-compressed."""
    with path.open("rb") as raw:
        return raw.read(2) == _GZIP


def container(path: Path) -> Container:
    """Return how the (unpacked) bytes of ``path`` are to be read; raises BadInput for what is not a table."""
    if path.is_dir():
        raise BadInput(f"{path} is a folder. Choose one of the files in it.")
    if not path.is_file():
        raise BadInput(f"There is no file {path}. Check the path, or put the file into the inbox folder.")
    if path.stat().st_size == 0:
        raise BadInput(f"{path.name} is empty. Export it again, with at least a header and one row.")
    with open_bytes(path) as file:
        head = _read(file, path, 4096)
    if not head:
        raise BadInput(f"{path.name} is empty once unpacked. Export it again, with at least a header and one row.")
    if head[:4] == b"PAR1":
        return Container.PARQUET
    if head[:2] == b"PK":
        return _zip_kind(path)
    _refuse(path.name, head)
    return Container.TEXT


@contextmanager
def unpacked(path: Path, folder: Path) -> Iterator[Path]:
    """Yield ``path``, or while it is gzip-compressed a plain copy in ``folder``, removed afterwards."""
    if not is_gzip(path):
        yield path
        return
    with NamedTemporaryFile(dir=folder, suffix=".plain") as copy:
        with open_bytes(path) as packed:
            while block := _read(packed, path, _BLOCK):
                copy.write(block)
        copy.flush()
        yield Path(copy.name)


def _read(file: IO[bytes], path: Path, size: int) -> bytes:
    try:
        return file.read(size)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise BadInput(f"{path.name} is a damaged gzip file: it stops in the middle. Copy or export it again.") from None


def _refuse(name: str, head: bytes) -> None:
    for magic, what in _NOT_DATA:
        if head.startswith(magic):
            raise BadInput(f"{name} is {what}.")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<script")):
        raise BadInput(f"{name} is a web page, not a table: the download probably asked for a login. Export the file again.")
    if start.startswith((b"<?xml", b"<")) and b"," not in start.split(b">")[0]:
        raise BadInput(f"{name} is XML, which is not read. Export the table as CSV, JSON Lines, Parquet or XLSX.")
    if _looks_binary(head):
        raise BadInput(f"{name} is not a table this program can read: its bytes are not text, Parquet or XLSX.")


def _looks_binary(head: bytes) -> bool:
    """More than one control character in fifty, in a file that is not UTF-16 (whose NULs sit in every second place)."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or _utf16_shape(head):
        return False
    control = sum(1 < byte < 9 or byte == 0 or 13 < byte < 27 for byte in head)
    return control > max(16, len(head) / 50)


def _utf16_shape(head: bytes) -> bool:
    even, odd = head[0::2], head[1::2]
    return bool(odd) and (
        odd.count(0) > 0.6 * len(odd) > 10 * even.count(0) or even.count(0) > 0.6 * len(even) > 10 * odd.count(0)
    )


def _zip_kind(path: Path) -> Container:
    try:
        with open_bytes(path) as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, EOFError, OSError):
        raise BadInput(f"{path.name} is a damaged zip or XLSX file. Copy or export it again.") from None
    if any(name.startswith("xl/") for name in names):
        return Container.XLSX
    inside = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    raise BadInput(f"{path.name} is a zip archive (holding {inside or 'nothing'}). Unpack it and import the files one by one.")
