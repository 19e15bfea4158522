"""What the actions of the table do on the open workspace, by action id.

An action that also works without a workspace has its handler in ``Workbench.handlers``.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.gui.commands.actions.arrange_menu import GROUPS, SORTS
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.workspace_controller import Desk

Handler: TypeAlias = Callable[[], None]
OnDesk: TypeAlias = Callable[[Callable[[Desk], None]], Handler]


def desk_handlers(desk: OnDesk) -> Mapping[str, Handler]:
    """Return the handlers of every action that needs an open workspace.

    Args:
        desk: Makes a handler of what is to be done on the desk.
    """
    return {**_file(desk), **_cells(desk), **_model(desk), **_view(desk), **_find(desk)}


def crop_handlers(window: MainWindow) -> Mapping[str, Handler]:
    """Return the handlers of every action that changes how large crops are shown."""
    panel = window.inspector.panel
    return {
        "zoom_in": lambda: _zoom(window, 1),
        "zoom_out": lambda: _zoom(window, -1),
        "display_tones": panel.toggle_sliders,
        "stain_channel": panel.next_stain,
        "display_reset": panel.reset,
        "evidence": panel.toggle_evidence,
    }


def _zoom(window: MainWindow, steps: int) -> None:
    if window.compare.isVisible():
        window.compare.zoom_by(steps)
    else:
        window.inspector.crop.zoom_by(steps)


def _file(desk: OnDesk) -> dict[str, Handler]:
    return {
        "export_cells": desk(lambda d: d.exporting.export("cells")),
        "export_differential": desk(lambda d: d.exporting.export("differential")),
        "export_audit": desk(lambda d: d.exporting.export("audit")),
        "export_report": desk(lambda d: d.exporting.export("report")),
        "export_training_hdf5": desk(lambda d: d.exporting.export("training-hdf5")),
        "export_training_folders": desk(lambda d: d.exporting.export("training-folders")),
    }


def _cells(desk: OnDesk) -> dict[str, Handler]:
    return {
        "undo": desk(lambda d: d.review.undo()),
        "redo": desk(lambda d: d.review.redo()),
        "history": desk(lambda d: d.history.open()),
        "accept": desk(lambda d: d.review.accept()),
        "accept_group": desk(lambda d: d.reviewing.accept_group()),
        "review_queue": desk(lambda d: d.reviewing.toggle_queue()),
        "pass_over": desk(lambda d: d.reviewing.queue.pass_over()),
        "hover_labels": desk(lambda d: d.reviewing.toggle_hover()),
        "previous": desk(lambda d: d.review.previous()),
        "flag": desk(lambda d: d.review.flag()),
        "add_reference": desk(lambda d: d.library.add()),
        "remove_reference": desk(lambda d: d.library.remove()),
        "attributes": desk(lambda d: d.attributes.ask()),
    }


def _model(desk: OnDesk) -> dict[str, Handler]:
    return {
        "adapt": desk(lambda d: d.learning.training.adapt()),
        "finetune": desk(lambda d: d.learning.training.fine_tune()),
        "training_pause": desk(lambda d: d.learning.training.pause()),
        "training_cancel": desk(lambda d: d.learning.training.cancel()),
        "training_panel": desk(lambda d: d.learning.pages.toggle()),
        "models": desk(lambda d: d.learning.list.open()),
        "roll_back": desk(lambda d: d.learning.models.roll_back()),
    }


def _view(desk: OnDesk) -> dict[str, Handler]:
    return {
        "classify": desk(lambda d: d.classify.start()),
        "regroup": desk(lambda d: d.regroup()),
        "focus_gallery": desk(lambda d: d.compare.go_to_gallery()),
        "actual_size": desk(lambda d: d.compare.toggle_actual_size()),
        "compare": desk(lambda d: d.compare.toggle()),
        "reference_cells": desk(lambda d: d.references.toggle()),
        "reference_previous": desk(lambda d: d.references.step(-1)),
        "reference_next": desk(lambda d: d.references.step(1)),
        "slide_quality": desk(lambda d: d.quality.toggle()),
        "sort_similarity": desk(lambda d: d.similar.toggle()),
        "sort_largest_crop": desk(lambda d: d.sizes.sort()),
        "group_clusters": desk(lambda d: d.similar.cluster()),
        "embedding_map": desk(lambda d: d.map.toggle()),
    }


def _find(desk: OnDesk) -> dict[str, Handler]:
    groups = {f"group_{each.name}": desk(_group(each.key)) for each in GROUPS}
    sorts = {f"sort_{each.name}": desk(_sort(each.key)) for each in SORTS}
    return {
        "focus_filter": desk(lambda d: d.find.type_filter()),
        "save_view": desk(_open_views),
        **groups,
        **sorts,
    }


def _open_views(desk: Desk) -> None:
    desk.views.open_dialog()


def _group(key: GroupBy) -> Callable[[Desk], None]:
    return lambda desk: desk.find.group(key)


def _sort(key: SortKey) -> Callable[[Desk], None]:
    return lambda desk: desk.find.sort(key)
