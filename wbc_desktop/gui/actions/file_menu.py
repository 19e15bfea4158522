"""The File menu: files and workspaces."""

from wbc_desktop.gui.actions.spec import ActionSpec

FILE = (
    ActionSpec(
        id="import_folder",
        text="&Import patient folder…",
        menu="&File",
        tooltip="Import a folder of cell images; you can also drop it onto the window",
        keys=("Ctrl+I",),
        icon="import",
        toolbar="Import",
    ),
    ActionSpec(
        id="import_file",
        text="Import &file…",
        menu="&File",
        tooltip="Import a ZIP, CSV, HDF5 or NPZ file of cell images",
        keys=("Ctrl+Shift+I",),
    ),
    ActionSpec(
        id="open_workspace",
        text="&Open workspace…",
        menu="&File",
        tooltip="Open another workspace, or make one in an empty folder",
        keys=("Ctrl+O",),
        icon="open",
        separated=True,
    ),
    ActionSpec(
        id="open_demo",
        text="&Try the demo patient",
        menu="&File",
        tooltip="Render a patient of 200 drawn cells and open it in a workspace of its own",
        icon="demo",
    ),
    ActionSpec(
        id="export_cells",
        text="&Export cells as CSV…",
        menu="&File",
        tooltip="Write one row per cell: prediction, label, reader, time",
        keys=("Ctrl+E",),
        icon="export",
        toolbar="Export",
        separated=True,
        needs_cells=True,
    ),
    ActionSpec(
        id="export_differential",
        text="Export &differential as CSV…",
        menu="&File",
        tooltip="Write the differential with its 95 % intervals",
        needs_cells=True,
    ),
    ActionSpec(
        id="export_audit",
        text="Export &audit log as CSV…",
        menu="&File",
        tooltip="Write every recorded act with its hash",
    ),
    ActionSpec(
        id="export_report",
        text="Write &report…",
        menu="&File",
        tooltip="Write the differential and the cells of each class as one page to read or print",
        needs_cells=True,
    ),
    ActionSpec(
        id="quit",
        text="&Quit",
        menu="&File",
        tooltip="Close the window; everything is saved already",
        keys=("Ctrl+Q",),
        separated=True,
    ),
)
