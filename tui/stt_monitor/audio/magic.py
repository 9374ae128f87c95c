"""File formats by their first bytes: a marker, or frames in a row. Pure."""

from typing import Final

_BEGINNINGS: Final = (
    (b"RIFF", "WAV"), (b"RIFX", "RIFX"), (b"RF64", "RF64"), (b"BW64", "BW64"), (b"riff", "W64"), (b"fLaC", "FLAC"),
    (b"OggS", "OGG"), (b"ID3", "MP3"), (b"FORM", "AIFF"), (b".snd", "AU"), (b"caff", "CAF"), (b"\x1aE\xdf\xa3", "WebM"),
    (b"#!AMR", "AMR"), (b"#!SILK", "SILK"), (b"wvpk", "WavPack"), (b"MAC ", "APE"), (b"TTA1", "TTA"),
    (b"MP+", "Musepack"), (b"MPCK", "Musepack"), (b"NIST_1A", "NIST SPHERE"), (b"Creative Voice File", "VOC"),
    (b"DSD ", "DSD"), (b".RMF", "RealMedia"), (b".ra\xfd", "RealAudio"), (b"FLV\1", "FLV"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "ASF (WMA)"), (b"\0\0\1\xba", "MPEG-PS"), (b"MThd", "MIDI"),
    (b"\x1f\x8b\x08", "gzip"), (b"PK\3\4", "ZIP"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)  # fmt: skip
DECIDING: Final = 4096
"""Bytes of a file that decide its format."""
ARCHIVES: Final = frozenset({"gzip", "ZIP", "bzip2", "xz", "zstd"})
TEXT: Final = "text"
_MP4: Final = b"ftyp"
_LEAST_TEXT: Final = 128
"""Bytes that are letters, with white space among them: 16 ms of no telephone's sound are so."""
_TEXT: Final = frozenset(b"\t\n\r" + bytes(range(0x20, 0x7F)))

LONGEST_FRAME: Final = 8191
"""Bytes; where one ends another begins."""
_FRAME_HEADER: Final = 7
"""Bytes, of AAC; the others' are shorter."""
_KBIT: Final = {
    (3, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}  # fmt: skip
"""Of MPEG-1 (3) and of those below it (2), by the bits that say the layer: 3 is I, 2 is II, 1 is III."""
_RATES: Final = (44100, 48000, 32000)
_LAYERS: Final = {3: "MP1", 2: "MP2", 1: "MP3"}
_AC3_KBIT: Final = (
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
)  # fmt: skip
_AC3_RATES: Final = (48000, 44100, 32000)


def known_format(head: bytes) -> str | None:
    """Return the name of the file format that begins with `head`; None for raw PCM, which has no header."""
    for beginning, name in _BEGINNINGS:
        if head.startswith(beginning):
            return name
    if head[4:8] == _MP4:
        return "MP4"
    frame = _frame(head)
    if frame is not None and head.startswith(head[:2], frame[1]) and _frame(head[frame[1] :]) is not None:
        return frame[0]
    is_text = len(head) >= _LEAST_TEXT and _TEXT.issuperset(head) and len(head.split()) > 1
    return TEXT if is_text else None


def bytes_to_tell(head: bytes) -> int:
    """Return how many more bytes decide whether `head` is of frames: a second one must follow the first."""
    frame = _frame(head)
    return 0 if frame is None else max(0, frame[1] + _FRAME_HEADER - len(head))


_MPEG_1: Final = 3
_LAYER_1: Final = 3
_LAYER_2: Final = 2
"""As they stand in the head of a frame."""


def mpeg_frame(head: bytes) -> int:
    """Return the length of the frame of MPEG audio (MP1, MP2, MP3) at the start of `head`; 0 if there is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004  sync bits
        return 0
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3  # of versions 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5
    kbit, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or not layer or not 0 < kbit < 15 or rate == 3:  # noqa: PLR2004  reserved, or of any length
        return 0
    full = version == _MPEG_1
    bits = _KBIT[3 if full else 2, layer if full or layer == _LAYER_1 else 2][kbit - 1] * 1000
    hz = _RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    if layer == _LAYER_1:
        return (12 * bits // hz + padding) * 4
    return (144 if full or layer == _LAYER_2 else 72) * bits // hz + padding


def _frame(head: bytes) -> tuple[str, int] | None:
    """Return the format and the length of the frame at the start of `head`; None if there is none."""
    if length := _adts_frame(head):
        return "AAC", length
    if length := _ac3_frame(head):
        return "AC-3", length
    if length := mpeg_frame(head):
        return _LAYERS[head[1] >> 1 & 3], length
    return None


def _adts_frame(head: bytes) -> int:
    """Return the length of the AAC frame (ADTS) at the start of `head`; 0 if there is none."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:  # noqa: PLR2004  sync bits and layer
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > 7 else 0  # noqa: PLR2004  no shorter than its header


def _ac3_frame(head: bytes) -> int:
    """Return the length of the AC-3 frame at the start of `head`; 0 if there is none."""
    if len(head) < 5 or head[:2] != b"\x0b\x77":  # noqa: PLR2004  sync bits
        return 0
    rate, code = head[4] >> 6, head[4] & 0x3F
    if rate == 3 or code >> 1 >= len(_AC3_KBIT):  # noqa: PLR2004  reserved
        return 0
    words = _AC3_KBIT[code >> 1] * 1000 * 96 // _AC3_RATES[rate]
    return 2 * (words + (code & 1 if rate == 1 else 0))
