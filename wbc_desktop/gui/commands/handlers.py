"""What the actions of the table do on the open workspace, by action id.

An action that also works without a workspace has its handler in ``MainController.handlers``.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.gui.commands.actions.arrange_menu import GROUPS, SORTS
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.workspace_controller import WorkspaceController

Handler: TypeAlias = Callable[[], None]
WhenOpen: TypeAlias = Callable[[Callable[[WorkspaceController], None]], Handler]


def workspace_handlers(if_open: WhenOpen) -> Mapping[str, Handler]:
    """Return the handlers of every action that needs an open workspace.

    Args:
        if_open: Makes a handler of what is to be done in the open workspace.
    """
    return {
        **_file(if_open),
        **_cells(if_open),
        **_model(if_open),
        **_view(if_open),
        **_find(if_open),
    }


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


def _file(if_open: WhenOpen) -> dict[str, Handler]:
    return {
        "export_cells": if_open(lambda w: w.exporting.export("cells")),
        "export_differential": if_open(lambda w: w.exporting.export("differential")),
        "export_audit": if_open(lambda w: w.exporting.export("audit")),
        "export_report": if_open(lambda w: w.exporting.export("report")),
        "export_training_hdf5": if_open(lambda w: w.exporting.export("training-hdf5")),
        "export_training_folders": if_open(lambda w: w.exporting.export("training-folders")),
    }


def _cells(if_open: WhenOpen) -> dict[str, Handler]:
    return {
        "undo": if_open(lambda w: w.review.undo()),
        "redo": if_open(lambda w: w.review.redo()),
        "history": if_open(lambda w: w.history.open()),
        "accept": if_open(lambda w: w.review.accept()),
        "accept_group": if_open(lambda w: w.review_workflow.accept_group()),
        "review_queue": if_open(lambda w: w.review_workflow.toggle_queue()),
        "pass_over": if_open(lambda w: w.review_workflow.queue.skip()),
        "hover_labels": if_open(lambda w: w.review_workflow.hover.toggle()),
        "previous": if_open(lambda w: w.review.previous()),
        "flag": if_open(lambda w: w.review.flag()),
        "add_reference": if_open(lambda w: w.library.add()),
        "remove_reference": if_open(lambda w: w.library.remove()),
        "attributes": if_open(lambda w: w.attributes.ask()),
    }


def _model(if_open: WhenOpen) -> dict[str, Handler]:
    return {
        "adapt": if_open(lambda w: w.training.adapt()),
        "finetune": if_open(lambda w: w.training.fine_tune()),
        "training_pause": if_open(lambda w: w.training.pause()),
        "training_cancel": if_open(lambda w: w.training.cancel()),
        "training_panel": if_open(lambda w: w.training_panel.toggle()),
        "models": if_open(lambda w: w.models.open()),
        "roll_back": if_open(lambda w: w.active_model.roll_back()),
    }


def _view(if_open: WhenOpen) -> dict[str, Handler]:
    return {
        "classify": if_open(lambda w: w.classify.start()),
        "regroup": if_open(lambda w: w.regroup()),
        "focus_gallery": if_open(lambda w: w.compare.go_to_gallery()),
        "actual_size": if_open(lambda w: w.compare.toggle_actual_size()),
        "compare": if_open(lambda w: w.compare.toggle()),
        "reference_cells": if_open(lambda w: w.references.toggle()),
        "reference_previous": if_open(lambda w: w.references.step(-1)),
        "reference_next": if_open(lambda w: w.references.step(1)),
        "slide_quality": if_open(lambda w: w.quality.toggle()),
        "sort_similarity": if_open(lambda w: w.similar.toggle()),
        "sort_largest_crop": if_open(lambda w: w.filter.sort_by_crop_size()),
        "group_clusters": if_open(lambda w: w.similar.cluster()),
        "embedding_map": if_open(lambda w: w.map.toggle()),
    }


def _find(if_open: WhenOpen) -> dict[str, Handler]:
    groups = {f"group_{each.name}": if_open(_group(each.key)) for each in GROUPS}
    sorts = {f"sort_{each.name}": if_open(_sort(each.key)) for each in SORTS}
    return {
        "focus_filter": if_open(lambda w: w.filter.type_filter()),
        "save_view": if_open(_open_views),
        **groups,
        **sorts,
    }


def _open_views(workspace: WorkspaceController) -> None:
    workspace.views.open_dialog()


def _group(key: GroupBy) -> Callable[[WorkspaceController], None]:
    return lambda w: w.filter.group(key)


def _sort(key: SortKey) -> Callable[[WorkspaceController], None]:
    return lambda w: w.filter.sort(key)
