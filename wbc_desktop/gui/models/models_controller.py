"""Fills the list of models and acts on it: compare, promote, roll back, export, import."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.history.history_text import local_time
from wbc_desktop.gui.models.active_model_controller import ActiveModelController
from wbc_desktop.gui.models.models_dialog import HINT, ModelsDialog, ModelTableRow
from wbc_desktop.gui.training.training_text import (
    comparison_view,
    evaluation_view,
    score_text,
    unevaluated_view,
)
from wbc_desktop.gui.training.view_models import EvaluationView

if TYPE_CHECKING:  # the window is painted before these load
    from collections.abc import Callable

    from wbc_desktop.services.models.candidates import RegisterModel
    from wbc_desktop.services.models.registry import ModelEntry

_SUFFIX = "wbcmodel"


class ModelsController(Controller):
    """Opens the list of models of the open workspace.

    Args:
        context: The open workspace.
        active_model: Promotes and rolls back.
    """

    def __init__(self, context: WorkspaceContext, active_model: ActiveModelController) -> None:
        super().__init__()
        self._context, self._active_model = context, active_model
        self._session = context.session
        self._entries: dict[str, ModelEntry] = {}
        self._said: tuple[str, str] | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self.dialog: ModelsDialog | None = None
        self.on_close(self._dismiss)

    def open(self) -> None:
        """Show the list."""
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        window = self._context.window
        dialog = self.dialog = ModelsDialog(window.training.theme, window)
        dialog.chosen.connect(self._describe)
        dialog.promote_asked.connect(self._promote)
        dialog.roll_back_asked.connect(lambda: self._active_model.roll_back(self._say))
        dialog.export_asked.connect(self._export)
        dialog.import_asked.connect(self._import)
        dialog.finished.connect(self._closed)
        self._unsubscribe = self._session.subscribe(self._take_changes)
        dialog.open()
        self._fill()

    def _dismiss(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def _closed(self) -> None:
        self._unsubscribe()
        dialog, self.dialog, self._entries = self.dialog, None, {}
        if dialog is not None:
            dialog.deleteLater()

    def _take_changes(self, changes: Changes) -> None:
        if changes.kinds & Kind.MODELS:
            self._fill()

    def _fill(self) -> None:
        from wbc_desktop.services.models.registry import model_entries

        workspace = self._session.workspace
        self._context.runner.call(
            lambda: model_entries(workspace),
            on_result=self._show,
            on_error=self._fail,
            key="models",
        )

    def _show(self, entries: "tuple[ModelEntry, ...]") -> None:
        self._entries = {entry.model_id: entry for entry in entries}
        if self.dialog is not None:
            said, self._said = self._said, None
            rows = [table_row(entry) for entry in reversed(entries)]
            self.dialog.show_models(rows, can_roll_back=self._active_model.can_roll_back)
            if said is not None:  # what was done is to be read; nobody has chosen another model
                self._say(*said)

    def _describe(self, chosen: tuple[str, ...]) -> None:
        self._said = None
        found = [self._entries[name] for name in chosen if name in self._entries]
        if self.dialog is None:
            return
        if len(found) == 1:
            self.dialog.say(HINT if len(self._entries) > 1 else _ALONE)
            self.dialog.show_details(
                self._details(found[0]),
                needs_reason=not found[0].active and bool(self._why_reason(found[0])),
            )
        elif len(found) == 2:
            self._compare(found[1], found[0])  # the older one first
        else:
            self.dialog.say("Choose one model, or two to compare them." if found else "")

    def _details(self, entry: "ModelEntry") -> EvaluationView:
        if entry.evaluation is None:
            view = unevaluated_view(entry.model_id, shipped=entry.ref.shipped)
        else:
            view = evaluation_view(entry.evaluation, self._session.taxonomy)
        if entry.active and not view.better:  # a person has overruled the rule
            view = replace(view, title="Not better, but in use")
        return replace(view, reasons=(*filter(None, (_promoted(entry),)), *view.reasons))

    def _compare(self, a: "ModelEntry", b: "ModelEntry") -> None:
        from wbc_desktop.services.models.comparison import compare

        if self.dialog is not None:
            told = compare(self._session.workspace, a.model_id, b.model_id)
            self.dialog.say(f"{a.model_id} and {b.model_id}, side by side.")
            self.dialog.show_details(comparison_view(told, self._session.taxonomy))

    def _why_reason(self, entry: "ModelEntry") -> str:
        from wbc_desktop.services.models.promotion import reason_needed
        from wbc_desktop.services.models.registry import active_ref

        return reason_needed(entry, active_ref(self._session.workspace.catalogue))

    def _promote(self, reason: str) -> None:
        if self.dialog is not None and self._context.ensure_reader():
            (model_id,) = self.dialog.table.chosen_ids()
            self._active_model.promote(
                model_id, reason, lambda: self._say(f"{model_id} is in use from now on.")
            )

    def _export(self) -> None:
        if self.dialog is None:
            return
        (model_id,) = self.dialog.table.chosen_ids()
        target = self._context.dialogs.choose_target(
            "Export the model", start=str(self._folder() / f"{model_id}.{_SUFFIX}"), suffix=_SUFFIX
        )
        if target is None:
            return
        from wbc_desktop.services.models.model_file import export_model

        self._context.settings.set("last_folder", str(target.parent))
        workspace = self._session.workspace
        self._context.runner.call(
            lambda: export_model(workspace, model_id, target),
            on_result=lambda digest: self._say(f"Wrote {target}, SHA-256 {digest}."),
            on_error=self._fail,
            key="a model's file",
        )

    def _import(self) -> None:
        path = self._context.dialogs.choose_file(
            "Import a model",
            start=str(self._folder()),
            patterns=(f"*.{_SUFFIX}",),
            what="Models",
        )
        if path is None or not self._context.ensure_reader():
            return
        from wbc_desktop.services.models.model_file import unpack_model_file

        self._context.settings.set("last_folder", str(path.parent))
        session = self._session
        workspace, taxonomy = session.workspace, session.taxonomy

        def record(command: "RegisterModel") -> None:
            session.record(command)
            self._say(f"Imported {command.facts.ref.model_id}. Promote it to use it.")

        self._context.runner.call(
            lambda: unpack_model_file(workspace, path, taxonomy),
            on_result=record,
            on_error=self._fail,
            key="a model's file",
        )

    def _folder(self) -> Path:
        return Path(self._context.settings.text("last_folder") or Path.home())

    def _say(self, text: str, rank: str = "second") -> None:
        self._said = (text, rank)
        if self.dialog is not None:
            self.dialog.say(text, rank=rank)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, UserError):
            self._say(str(error), "danger")
        else:
            self._context.on_error(error)


_ALONE = "No other model yet. Label cells of this site, then Model > Adapt to this site."


def _promoted(entry: "ModelEntry") -> str:
    """Return who promoted a model, when and why; empty where no reason was written."""
    if entry.reason is None:
        return ""
    given = entry.reason
    return f"Promoted by {given.reader}, {local_time(given.at)}, because: {given.text}"


def table_row(entry: "ModelEntry") -> ModelTableRow:
    """Return a model as a line of the list."""
    shipped = entry.ref.shipped
    verdict = "The program's own" if shipped else "Not judged here"
    if entry.evaluation is not None:
        verdict = "Better" if entry.evaluation.better else "Not better"
        verdict += ", provisional" if entry.evaluation.provisional else ""
    if entry.problem:
        verdict = f"Damaged: {entry.problem}"
    facts = [entry.model_id, f"SHA-256 {entry.sha256}"]
    facts += [f"Imported from {entry.imported_from}"] if entry.imported_from else []
    facts += [f"Made by job {entry.job}"] if entry.job else []
    facts += [_promoted(entry)] if entry.reason else []
    facts += [f"Learned from data {entry.data_sha256}"] if entry.data_sha256 else []
    return ModelTableRow(
        model_id=entry.model_id,
        active=entry.active,
        made=local_time(entry.made_at) if entry.made_at else "",
        parent=entry.parent,
        site=entry.site or ("" if shipped else "All sites"),
        labels="" if shipped else f"{entry.labels:,}",
        score=score_text(entry.evaluation),
        verdict=verdict,
        facts="\n".join(facts),
    )
