"""What a person reads when something cannot be done."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from wbc_desktop.domain.errors import UserError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UserError("The disk is full"), "The disk is full."),
        (UserError("Not an image", "a.jpg"), "Not an image: a.jpg."),
        (
            UserError("Not an image", "a.jpg", "Open it in a viewer."),
            "Not an image: a.jpg. Open it in a viewer.",
        ),
        (UserError("Is this a workspace?"), "Is this a workspace?"),
        (UserError("Not found", "Ward 2."), "Not found: Ward 2."),
    ],
)
def test_an_error_reads_as_one_line(error: UserError, line: str) -> None:
    assert str(error) == line


def test_an_error_can_pass_through_a_context_manager() -> None:
    @contextmanager
    def room() -> Iterator[None]:
        yield

    with pytest.raises(UserError) as caught, room():
        raise UserError("Stop")
    assert caught.value.__traceback__ is not None
