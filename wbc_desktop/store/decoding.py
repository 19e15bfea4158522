"""From the bytes of an image file to upright sRGB pixels, and to the thumbnail of a tile.

Every crop passes through here, whatever its camera wrote: grey, 16 bit, float, CMYK, palette and
transparent pictures become uint8 RGB, and the EXIF orientation is applied. Of a TIFF with several
pages the first one counts. Embedded ICC profiles are ignored on purpose: scanners write them
carelessly, and the network learns to live with colour as the pixels give it.

To read one more file format, add Pillow's name for it to ``_FORMATS`` and its suffixes to
``IMAGE_SUFFIXES``.
"""

import re
import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wbc_desktop.domain.errors import UserError

IMAGE_SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".tif", ".tiff", ".webp"],
)
"""What the name of an image file may end with; whoever asks for images goes by this list."""

MAX_PIXELS = 4096 * 4096
"""More than this is a field of view or an attack, never a crop of one cell."""

MIN_SIDE = 8
"""Pixels; below this there is no cell to see."""

THUMBNAIL_SIDE = 128

_FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP")
_SUFFIX_OF = {
    b"\xff\xd8": ".jpg",
    b"\x89PNG": ".png",
    b"BM": ".bmp",
    **dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), ".tif"),
}
_WEBP = re.compile(rb"RIFF....WEBP", re.DOTALL)  # between the words: the length of the file
_ORIENTATION = 0x0112
_BITS_PER_SAMPLE = 258
_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises on damaged files, seen with cut, zeroed and shuffled bytes.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    ArithmeticError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
# Pillow warns of odd tags and large pictures on stderr. What matters of it is refused below with a
# reason; the filter is set once because setting it for each picture is not safe among threads.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A small picture of a crop for the gallery.

    Attributes:
        jpeg: JPEG, quality 90, longest side at most ``THUMBNAIL_SIDE`` px, never enlarged.
        width: Width of the whole crop in px, upright.
        height: Height of the whole crop in px, upright.
    """

    jpeg: bytes
    width: int
    height: int


def decode(encoded: bytes, *, name: str) -> NDArray[np.uint8]:
    """Decode an image file.

    Args:
        encoded: The whole file.
        name: What to call it in an error.

    Returns:
        uint8 (height, width, 3), sRGB, upright.

    Raises:
        UserError: If it is empty, damaged, no image, or too large or too small for a crop.
    """
    image, _ = _load(encoded, name=name, at_least=None)
    return np.asarray(image)


def thumbnail(encoded: bytes, *, name: str) -> Thumbnail:
    """Decode an image file wholly and make its thumbnail.

    Large JPEGs are decoded at a half, quarter or eighth of their size, which takes a fraction of
    the time and still reads the file to its end.

    Args:
        encoded: The whole file.
        name: What to call it in an error.

    Raises:
        UserError: As ``decode``.
    """
    image, (width, height) = _load(encoded, name=name, at_least=THUMBNAIL_SIDE)
    side = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    image.thumbnail(side, Image.Resampling.BICUBIC, reducing_gap=None)
    out = BytesIO()
    # No chroma subsampling: the colour of granules is what the eye looks for.
    image.save(out, "JPEG", quality=90, subsampling=0)
    return Thumbnail(jpeg=out.getvalue(), width=width, height=height)


def thumbnail_pixels(jpeg: bytes) -> NDArray[np.uint8] | None:
    """Decode a thumbnail: uint8 (height, width, 3), sRGB; None if it is damaged."""
    try:
        with Image.open(BytesIO(jpeg), formats=("JPEG",)) as image:
            return np.asarray(image.convert("RGB"))
    except _DAMAGE:
        return None


def suffix_of_content(encoded: bytes) -> str:
    """Return the usual suffix of an image file by how it begins, whatever its name was."""
    found = (suffix for magic, suffix in _SUFFIX_OF.items() if encoded.startswith(magic))
    return next(found, ".webp" if _WEBP.match(encoded) else ".img")


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a lossless PNG of a crop that came as an array.

    Args:
        pixels: uint8 (height, width, 3) or (height, width).
    """
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _load(
    encoded: bytes, *, name: str, at_least: int | None
) -> tuple[Image.Image, tuple[int, int]]:
    """Return the upright RGB image, at a reduced size if allowed, and the size of the whole."""
    if not encoded:
        raise _unreadable("the file is empty", name)
    try:
        with Image.open(BytesIO(encoded), formats=_FORMATS) as image:
            whole = image.size
            _check_size(whole, name)
            if image.format == "WEBP" and getattr(image, "n_frames", 1) > 1:
                raise _unreadable("a moving picture, not the crop of a cell", name)
            if at_least is not None:
                image.draft(None, (at_least, at_least))
            image.load()
            upright = _rgb(_turned(image))
            wide = (upright.width > upright.height) == (whole[0] > whole[1])
            return upright, whole if wide else (whole[1], whole[0])
    except _DAMAGE as error:
        raise _unreadable(_reason(error, encoded), name) from error


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        reason = f"{width} × {height} pixels are too many for a crop (limit {limit} million)"
        raise _unreadable(reason, name)
    if min(size) < MIN_SIDE:
        raise _unreadable(f"{width} × {height} pixels are too few for a crop", name)


def _turned(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; for TIFF, Pillow has done so while loading."""
    try:
        turn = _TURN.get(image.getexif().get(_ORIENTATION, 1))
    except _DAMAGE:
        turn = None  # damaged EXIF beside sound pixels
    return image if turn is None else image.transpose(turn)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_eight_bits(np.asarray(image), _bits(image))).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    if rgba.getchannel("A").getextrema() == (255, 255):
        return rgba.convert("RGB")
    paper = Image.new("RGBA", rgba.size, "white")
    paper.alpha_composite(rgba)
    return paper.convert("RGB")


def _bits(image: Image.Image) -> int | None:
    """Return the bits a sample really has: 12 in some cameras' TIFFs, 16 in a 16-bit PNG."""
    if not image.mode.startswith("I;16"):
        return None
    tags = getattr(image, "tag_v2", None)
    return int(tags[_BITS_PER_SAMPLE][0]) if tags is not None else 16


def _eight_bits(values: NDArray[np.generic], bits: int | None) -> NDArray[np.uint8]:
    """Map grey samples to 0–255.

    Where the file does not say how many bits count (32-bit integers, floats), full scale is the
    smallest of 1 (floats only), 255, 65535 and 2**32 - 1 that holds the brightest sample.
    """
    samples = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    if bits is not None:
        white = float(2**bits - 1)
    else:
        brightest = float(samples.max())
        floating = np.issubdtype(values.dtype, np.floating)
        scales = [*([1.0] if floating else []), 255.0, 65535.0, 2.0**32 - 1]
        white = next((s for s in scales if brightest <= s), brightest)
    return np.asarray(np.clip(np.rint(samples * (255.0 / white)), 0, 255), dtype=np.uint8)


def _reason(error: BaseException, encoded: bytes) -> str:
    if isinstance(error, Image.DecompressionBombError):
        return f"too many pixels for a crop (limit {MAX_PIXELS // 1_000_000} million)"
    if suffix_of_content(encoded) == ".img":
        return "not a JPEG, PNG, BMP, TIFF or WebP image"
    if isinstance(error, EOFError) or "truncated" in str(error).lower():
        return "the file is cut short"
    return "the file is damaged"


def _unreadable(reason: str, name: str) -> UserError:
    return UserError(reason[0].upper() + reason[1:], name, "Leave it out or export it anew.")
