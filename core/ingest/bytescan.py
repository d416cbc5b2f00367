"""One pass over a text file's bytes: its fingerprint, its encoding and what decides how fast it can be read."""

import codecs
import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.base.errors import BadInput
from core.ingest.container import open_bytes

_BLOCK = 1 << 21
_SAMPLE = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UTF8 = ("utf-8", "utf-8-sig")


@dataclass(frozen=True)
class ByteFacts:
    """lines: line feeds, and one more where the last line has none; line_end: as ``open`` takes it in ``newline``.

    A lone carriage return ends a line only in a file that hardly has line feeds; elsewhere it is part of a field.
    """

    encoding: str
    lines: int
    has_quote: bool
    line_end: str
    has_nul: bool
    valid_utf8: bool


def fingerprint(path: Path) -> str:
    """Return SHA-256 over the size and the CRC-32 of each 2 MiB block: 0.4 s for 705 MB, where SHA-256 takes 2.2 s."""
    digest = hashlib.sha256(str(path.stat().st_size).encode())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(zlib.crc32(block).to_bytes(4, "big"))
    return digest.hexdigest()


def scan(path: Path) -> ByteFacts:
    """Read the (unpacked) bytes once and return what they tell. Raises BadInput where gzip data is damaged."""
    newlines, returns, last, quote, nul = 0, 0, b"", False, False
    decoder, head, foreign = codecs.getincrementaldecoder("utf-8")(), b"", b""
    with open_bytes(path) as file:
        while block := _block(file, path):
            head = head or block[:_SAMPLE]
            newlines += int(np.count_nonzero(np.frombuffer(block, np.uint8) == 10))
            returns += int(np.count_nonzero(np.frombuffer(block, np.uint8) == 13)) if b"\r" in block else 0
            quote, nul = quote or b'"' in block, nul or b"\0" in block
            if not foreign and not _decodes(decoder, block):
                foreign = block
            last = block[-1:]
    line_end = "" if returns > 2 * newlines else "\n"
    return ByteFacts(_encoding(head, foreign), newlines + (last != b"\n"), quote, line_end, nul, not foreign)


def _block(file, path: Path) -> bytes:  # type: ignore[no-untyped-def]
    try:
        return bytes(file.read(_BLOCK))
    except (EOFError, zlib.error, OSError):
        raise BadInput(f"{path.name} is a damaged gzip file: it stops in the middle. Copy or export it again.") from None


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    if block.isascii() and decoder.getstate()[0] == b"":
        return True
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(head: bytes, foreign: bytes) -> str:
    """Return the codec's name. foreign: the first block that is not UTF-8, empty where all of it is."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if wide := _utf16_without_bom(head):
        return wide
    if not foreign or _mostly_utf8(foreign):
        return "utf-8"
    return _eight_bit(foreign)


def _utf16_without_bom(head: bytes) -> str | None:
    even, odd = head[0:4096:2], head[1:4096:2]
    if not odd:
        return None
    if odd.count(0) > 0.6 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.6 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None


def _mostly_utf8(block: bytes) -> bool:
    """A few damaged bytes in a UTF-8 file: at most one for every ten well-formed characters beyond ASCII."""
    text = block.decode("utf-8", "replace")
    damaged = text.count("�")
    return damaged * 10 <= sum(ord(char) > 127 for char in text) - damaged


def _eight_bit(block: bytes) -> str:
    """GBK where it decodes to everyday Chinese, Cyrillic where the high bytes come in words, else Western.

    Latin text has single accented letters, which are no GBK or give rare characters; cp1251 has words of any length.
    """
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", block)]
    if _decodable(block, "gb18030") and _everyday_chinese(block) > 0.6:
        return "gb18030"
    letters = sum(byte >= 0xC0 for byte in block) / sum(runs)
    if sum(runs) / len(runs) >= 2.5 and letters > 0.9:
        return "cp1251"
    return "cp1252" if _decodable(block, "cp1252") else "latin-1"


def _everyday_chinese(block: bytes) -> float:
    """Return the share of the non-ASCII characters that are punctuation or of the 3,755 most frequent (GB 2312 level 1)."""
    beyond = [char.encode("gb18030", "replace") for char in block.decode("gb18030", "replace") if char > "\x7f"]
    usual = sum(len(code) == 2 and (0xB0 <= code[0] <= 0xD7 or 0xA1 <= code[0] <= 0xA3) for code in beyond)
    return usual / max(1, len(beyond))


def _decodable(block: bytes, encoding: str) -> bool:
    """Whether it decodes, but for a character cut at either end of the block."""
    text = block.decode(encoding, "replace")
    return "�" not in text[2:-2]
