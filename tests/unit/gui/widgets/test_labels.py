from pytestqt.qtbot import QtBot

from wbc_desktop.gui.widgets.labels import ElidedLabel

NAME = "Müller-Lüdenscheidt, Anna-Katharina (Hämatologie Süd, Überweisung 2026-11-20)"


def test_a_long_name_is_shortened_and_whole_on_hover(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.show_text(NAME)
    label.resize(120, 20)
    label.show()
    assert "…" in label.text()
    assert label.toolTip() == label.whole == NAME
    assert label.minimumSizeHint().width() <= 120


def test_a_short_name_stands_as_it_is(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.resize(300, 20)
    label.show()
    label.show_text("P-7")
    assert (label.text(), label.toolTip()) == ("P-7", "")
