"""CSV files as laboratories and spreadsheets write them."""

import pytest

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.formulas import guard
from wbc_desktop.store.sources.tables import has_columns, read_rows, scale_of

NEEDS = ("image_path", "label")


@pytest.mark.parametrize(
    "data",
    [
        b"image_path,label\nx/a.png,SNE\n",
        b"\xef\xbb\xbfimage_path;label\r\nx/a.png;SNE\r\n",
        b"Label\tFILENAME\nSNE\tx\\a.png",
        b'"label","image_path"\n"SNE","./x/a.png"\n\n,\n',
        "image_path;label\nx/a.png;SNE".encode("utf-16"),
    ],
)
def test_every_dialect_says_the_same(data: bytes) -> None:
    (row,) = read_rows(data, name="t.csv", needs=NEEDS)
    assert (row.image_path, row.label, row.patient) == ("x/a.png", "SNE", None)


def test_old_spreadsheets_write_umlauts_in_one_byte() -> None:
    data = "image_path,patient_id\na.png,Müller".encode("cp1252")
    (row,) = read_rows(data, name="t.csv", needs=("image_path",))
    assert row.patient == "Müller"


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UserError, match=r"no column source_label: t\.csv"):
        list(read_rows(b"image_path\na.png", name="t.csv", needs=NEEDS))
    assert not has_columns(b"", NEEDS)
    assert has_columns(b"image_path,label", NEEDS)


def test_something_else_under_the_name_of_a_csv_is_no_table() -> None:
    assert not has_columns(b"x" * 200_000, NEEDS)
    with pytest.raises(UserError, match="cannot be read"):
        list(read_rows(b"x" * 200_000, name="t.csv", needs=NEEDS))


@pytest.mark.parametrize("patient", ["=SUM(A1)", "'-dash", "plain", "@at"])
def test_what_an_export_guards_comes_back(patient: str) -> None:
    data = f"image_path,label,patient_id\na.png,x,{guard(patient)}\n".encode()
    (row,) = read_rows(data, name="t.csv", needs=NEEDS)
    assert row.patient == patient


@pytest.mark.parametrize(("text", "scale"), [("0.1", 0.1), ("0,0725", 0.0725), (None, None)])
def test_a_scale_is_read(text: str | None, scale: float | None) -> None:
    assert scale_of(text) == scale


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "wide"])
def test_a_scale_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        scale_of(text)
