"""Pure: a screenshot as a PNG with a palette: letters need few shades, and take a third of the bytes then."""

import struct
import zlib
from collections import Counter

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXEL = 3  # bytes: a browser's screenshots have no transparency
MOST_COLOURS, KEPT = 256, 64


def make_small(png):
    """The same picture with at most 256 colours: those of its grounds and letters as they are, rare shades nearly."""
    width, height, rows = _read(png)
    counted = Counter(row[at : at + PIXEL] for row in rows for at in range(0, len(row), PIXEL))
    kept = {colour for colour, _ in counted.most_common(KEPT)}
    for step in (8, 16, 32, 64):
        shades = bytes(min(255, round(level / step) * step) for level in range(256))
        nearly = {colour: colour if colour in kept else colour.translate(shades) for colour in counted}
        colours = sorted(set(nearly.values()))
        if len(colours) <= MOST_COLOURS:
            places = {colour: colours.index(near) for colour, near in nearly.items()}
            return _write(width, height, rows, colours, places)
    raise ValueError("more colours than a palette holds")


def _read(png):
    chunks, at = {}, len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        chunks[name] = chunks.get(name, b"") + content
        at += length + 12
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if (depth, kind, interlaced) != (8, 2, 0):
        raise ValueError("not a screenshot")
    return width, height, list(_unfilter(zlib.decompress(chunks[b"IDAT"]), width * PIXEL))


def _unfilter(raw, length):
    """Rows of pixels (PNG, §9: each row says how it was foretold)."""
    above = bytearray(length)
    for start in range(0, len(raw), length + 1):
        way, row = raw[start], bytearray(raw[start + 1 : start + 1 + length])
        for at in range(length if way else 0):
            left, over = (row[at - PIXEL] if at >= PIXEL else 0), above[at]
            corner = above[at - PIXEL] if at >= PIXEL else 0
            foretold = (left, over, (left + over) // 2, _nearest(left, over, corner))[way - 1]
            row[at] = (row[at] + foretold) & 255
        yield bytes(row)
        above = row


def _nearest(left, over, corner):
    guess = left + over - corner
    return min((left, over, corner), key=lambda one: abs(guess - one))


def _write(width, height, pixels, colours, places):
    rows = (bytes(places[row[at : at + PIXEL]] for at in range(0, len(row), PIXEL)) for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    parts = ((b"IHDR", head), (b"PLTE", b"".join(colours)), (b"IDAT", body), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
