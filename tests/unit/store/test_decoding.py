"""Every picture a laboratory may own becomes upright RGB, or is refused with its reason."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.unit import drawn_crops
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.decoding import (
    IMAGE_SUFFIXES,
    MAX_PIXELS,
    THUMBNAIL_SIDE,
    decode,
    png,
    suffix_of_content,
    thumbnail,
    thumbnail_pixels,
)

PIXELS = drawn_crops.pixels()
GREY = PIXELS[..., 0]
RGB = Image.fromarray(PIXELS)
READ = {"JPEG", "PNG", "BMP", "DIB", "TIFF", "WEBP"}
# In the program, decoding silences Pillow's warnings; pytest takes that filter away.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")


def tiff(image: Image.Image, **options: object) -> bytes:
    return drawn_crops.encoded(image, "TIFF", **options)


def _moving_webp() -> bytes:
    frames = [Image.fromarray(drawn_crops.pixels(seed)) for seed in (0, 1)]
    return drawn_crops.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])


def decoded(data: bytes) -> np.ndarray:
    return decode(data, name="cell.img")


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF"])
def test_lossless_pictures_come_back_as_they_were(format_: str) -> None:
    result = decoded(drawn_crops.encoded(RGB, format_))
    assert result.dtype == np.uint8
    assert np.array_equal(result, PIXELS)


def test_a_webp_is_read_and_known_by_how_it_begins() -> None:
    data = drawn_crops.encoded(RGB, "WEBP", lossless=True)
    assert np.array_equal(decoded(data), PIXELS)
    assert suffix_of_content(data) == ".webp"
    clear = Image.fromarray(np.dstack([PIXELS, np.zeros_like(GREY)]))
    assert (decoded(drawn_crops.encoded(clear, "WEBP", lossless=True)) == 255).all()
    small = thumbnail(drawn_crops.encoded(RGB.resize((300, 200)), "WEBP"), name="x")
    assert (small.width, small.height) == (300, 200)


def test_every_suffix_of_an_image_is_one_of_a_picture_that_can_be_read() -> None:
    known = {suffix for suffix, name in Image.registered_extensions().items() if name in READ}
    assert {".webp", ".jfif", ".dib"} < IMAGE_SUFFIXES <= known


def test_a_jpeg_comes_back_nearly_as_it_was() -> None:
    result = decoded(drawn_crops.encoded(RGB, "JPEG", quality=98, subsampling=0))
    assert np.abs(result.astype(int) - PIXELS).mean() < 3


def test_grey_becomes_three_equal_channels() -> None:
    result = decoded(drawn_crops.encoded(Image.fromarray(GREY), "PNG"))
    assert np.array_equal(result, np.repeat(GREY[..., None], 3, axis=2))


def test_black_and_white_becomes_0_and_255() -> None:
    result = decoded(drawn_crops.encoded(Image.fromarray(GREY > 128), "PNG"))
    assert np.array_equal(result[..., 0], np.where(GREY > 128, 255, 0))


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_cut(format_: str) -> None:
    deep = Image.fromarray(GREY.astype(np.uint16) * 257)
    assert np.array_equal(decoded(drawn_crops.encoded(deep, format_))[..., 1], GREY)


def test_sixteen_bit_colour_tiff_keeps_its_colours() -> None:
    assert np.array_equal(decoded(_rgb16_tiff(PIXELS)), PIXELS)


def test_twelve_bits_reach_white_at_4095() -> None:
    deep = GREY.astype(np.uint16) * 16
    deep[0, 0] = 4095
    result = decoded(_grey12_tiff(deep))[..., 2].astype(int)
    assert result[0, 0] == 255
    assert np.abs(result[1:] - GREY[1:]).max() <= 1


def test_a_dark_sixteen_bit_picture_stays_dark() -> None:
    dark = Image.fromarray(np.full((40, 48), 4000, np.uint16))
    assert decoded(drawn_crops.encoded(dark, "PNG")).max() == 16


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0])
def test_float_pictures_find_their_own_white(white: float) -> None:
    values = GREY / 255 * white
    values[0, 0] = white
    result = decoded(tiff(Image.fromarray(values.astype(np.float32))))
    assert np.array_equal(result[1:, :, 0], GREY[1:])


def test_float_pictures_with_holes_are_black_there() -> None:
    values = (GREY / 255).astype(np.float32)
    values[3, 4], values[3, 5] = np.nan, np.inf
    result = decoded(tiff(Image.fromarray(values)))
    assert result[3, 4].tolist() == result[3, 5].tolist() == [0, 0, 0]
    assert np.array_equal(result[5:, :, 0], GREY[5:])


@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_cmyk_keeps_its_colours(format_: str) -> None:
    flat = Image.new("RGB", (40, 40), (200, 90, 150)).convert("CMYK")
    result = decoded(drawn_crops.encoded(flat, format_))
    assert np.abs(result[20, 20].astype(int) - (200, 90, 150)).max() < 6


def test_a_palette_becomes_its_colours() -> None:
    indexed = RGB.quantize(32)
    result = decoded(drawn_crops.encoded(indexed, "PNG"))
    assert np.array_equal(result, np.asarray(indexed.convert("RGB")))


def test_transparency_lies_on_white_paper() -> None:
    clear = Image.fromarray(np.dstack([PIXELS, np.full(GREY.shape, 255, np.uint8)]))
    clear.putpixel((0, 0), (0, 0, 0, 0))
    clear.putpixel((1, 0), (0, 0, 0, 128))
    result = decoded(drawn_crops.encoded(clear, "PNG"))
    assert result[0, 0].tolist() == [255, 255, 255]
    assert abs(int(result[0, 1, 0]) - 127) <= 1
    assert np.array_equal(result[1:], PIXELS[1:])


def test_an_opaque_alpha_channel_changes_nothing() -> None:
    opaque = Image.fromarray(np.dstack([PIXELS, np.full(GREY.shape, 255, np.uint8)]))
    assert np.array_equal(decoded(tiff(opaque)), PIXELS)


def test_a_transparent_palette_lies_on_white_paper() -> None:
    indexed = Image.new("P", (40, 40), 0)
    indexed.putpalette([10, 20, 30, 200, 100, 50])
    indexed.paste(1, (20, 0, 40, 40))
    result = decoded(drawn_crops.encoded(indexed, "PNG", transparency=0))
    assert result[5, 5].tolist() == [255, 255, 255]
    assert result[5, 30].tolist() == [200, 100, 50]


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, PIXELS),
        (2, PIXELS[:, ::-1]),
        (3, PIXELS[::-1, ::-1]),
        (4, PIXELS[::-1]),
        (5, PIXELS.swapaxes(0, 1)),
        (6, np.rot90(PIXELS, -1)),
        (7, PIXELS[::-1, ::-1].swapaxes(0, 1)),
        (8, np.rot90(PIXELS)),
    ],
)
def test_the_camera_is_turned_upright(format_: str, orientation: int, upright: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = drawn_crops.encoded(RGB, format_, exif=exif, quality=98, subsampling=0)
    result = decoded(data)
    assert result.shape == upright.shape
    assert np.abs(result.astype(int) - upright).mean() < 4
    small = thumbnail(data, name="cell.img")
    assert (small.height, small.width) == upright.shape[:2]


def test_damaged_exif_does_not_cost_the_picture() -> None:
    data = drawn_crops.encoded(RGB, "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert np.array_equal(decoded(data), PIXELS)


def test_the_first_page_of_several_counts() -> None:
    pages = [Image.fromarray(drawn_crops.pixels(seed)) for seed in (0, 1)]
    data = tiff(pages[0], save_all=True, append_images=pages[1:])
    assert np.array_equal(decoded(data), PIXELS)


def test_colour_profiles_are_ignored() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    assert np.array_equal(decoded(drawn_crops.encoded(RGB, "PNG", icc_profile=profile)), PIXELS)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty"),
        (b"hello, I am a text", "Not a JPEG, PNG, BMP, TIFF or WebP image"),
        (drawn_crops.encoded(RGB, "GIF"), "Not a JPEG, PNG, BMP, TIFF or WebP image"),
        (drawn_crops.jpeg()[:-400], "The file is cut short"),
        (drawn_crops.png()[:-400], "The file is cut short"),
        (drawn_crops.encoded(RGB, "BMP")[:-400], "The file is cut short"),
        (tiff(RGB)[:40], "The file is damaged"),
        (drawn_crops.encoded(RGB, "WEBP")[:-400], "The file is damaged"),
        (_moving_webp(), "A moving picture, not the crop of a cell"),
        (drawn_crops.png(width=5), "5 × 40 pixels are too few for a crop"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason_and_name(data: bytes, reason: str) -> None:
    for read in (decode, thumbnail):
        with pytest.raises(UserError) as caught:
            read(data, name="slide/cell 7.png")
        assert caught.value.title == reason
        assert caught.value.detail == "slide/cell 7.png"


@pytest.mark.parametrize("side", [4097, 12_000, 20_000])
def test_a_bomb_is_refused_before_it_is_unpacked(side: int) -> None:
    with pytest.raises(UserError, match=r"(?i)too many") as caught:
        decode(_claiming_png(side), name="bomb.png")
    assert f"{MAX_PIXELS // 1_000_000} million" in caught.value.title


@given(
    seed=st.integers(0, 2**32 - 1), format_=st.sampled_from(["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
)
def test_shuffled_bytes_never_do_worse_than_a_reason(seed: int, format_: str) -> None:
    random = np.random.default_rng(seed)
    data = bytearray(drawn_crops.encoded(RGB.resize((16, 16)), format_))
    for position in random.integers(0, len(data), random.integers(1, 12)):
        data[position] = random.integers(0, 256)
    cut = bytes(data[: random.integers(1, len(data) + 1)])
    with suppress(UserError):
        result = decode(cut, name="x")
        assert result.dtype == np.uint8
        assert result.shape[2] == 3


@pytest.mark.parametrize("side", [20, 128, 129, 363, 2000])
def test_a_thumbnail_fits_its_tile_and_knows_the_whole(side: int) -> None:
    small = thumbnail(drawn_crops.jpeg(height=side, width=side + 20), name="x")
    assert (small.width, small.height) == (side + 20, side)
    with Image.open(BytesIO(small.jpeg)) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) == min(THUMBNAIL_SIDE, side + 20)


def test_a_thumbnail_shows_the_same_picture() -> None:
    whole = drawn_crops.pixels(3, height=360, width=360)
    small = thumbnail(drawn_crops.encoded(Image.fromarray(whole), "JPEG", quality=95), name="x")
    with Image.open(BytesIO(small.jpeg)) as picture:
        expected = Image.fromarray(whole).resize(picture.size, Image.Resampling.BOX)
        difference = np.asarray(picture).astype(int) - np.asarray(expected)
    assert np.abs(difference).mean() < 3


def test_arrays_become_png_without_loss() -> None:
    assert np.array_equal(decoded(png(PIXELS)), PIXELS)
    assert np.array_equal(decoded(png(GREY))[..., 2], GREY)


def _claiming_png(side: int) -> bytes:
    """Return a PNG whose header claims a side it does not have."""
    data = bytearray(drawn_crops.png())
    data[16:24] = struct.pack(">II", side, side)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def _rgb16_tiff(pixels: np.ndarray) -> bytes:
    """Return a TIFF with 16 bits a channel, which Pillow reads but cannot write."""
    samples = (pixels.astype("<u2") * 257).tobytes()
    return _plain_tiff(samples, size=pixels.shape[:2], bits=16, channels=3)


def _grey12_tiff(values: np.ndarray) -> bytes:
    """Return a grey TIFF with two samples packed into three bytes."""
    first, second = values[:, ::2], values[:, 1::2]
    packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=-1)
    return _plain_tiff(packed.astype(np.uint8).tobytes(), size=values.shape, bits=12, channels=1)


def _plain_tiff(samples: bytes, *, size: tuple[int, int], bits: int, channels: int) -> bytes:
    """Return an uncompressed TIFF of one strip."""
    height, width = size
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, channels, 8 if channels > 1 else bits),
        (259, 3, 1, 1),
        (262, 3, 1, 2 if channels > 1 else 1),
        (273, 4, 1, 14),
        (277, 3, 1, channels),
        (278, 3, 1, height),
        (279, 4, 1, len(samples)),
    ]
    head = struct.pack("<2sHI3H", b"II", 42, 14 + len(samples), bits, bits, bits)
    table = struct.pack("<H", len(entries))
    table += b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return head + samples + table + struct.pack("<I", 0)


def test_a_thumbnail_has_pixels_and_a_damaged_one_has_none() -> None:
    small = thumbnail(png(np.full((200, 100, 3), 90, np.uint8)), name="x").jpeg
    pixels = thumbnail_pixels(small)
    assert pixels is not None
    assert pixels.shape == (128, 64, 3)
    assert abs(int(pixels[5, 5, 0]) - 90) <= 2
    for damaged in (b"", b"no picture", small[:40]):
        assert thumbnail_pixels(damaged) is None
