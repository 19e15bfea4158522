"""Tables for a terminal."""

from collections.abc import Iterable

from rich.table import Table

from wbc_desktop.domain.cells.differential import DifferentialRow
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.export.patient_counts import class_name, display_order


def differential_table(rows: Iterable[DifferentialRow], taxonomy: Taxonomy) -> Table:
    """Return a differential as people read it: the 100 % first, then what is outside it.

    Args:
        rows: The differential of one patient.
        taxonomy: The classes.
    """
    table = Table("Class", box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for heading in ("Cells", "Percent", "95 % interval"):
        table.add_column(heading, justify="right")
    ordered = [row for row in display_order(rows, taxonomy) if row.n]
    for row in ordered:
        if row.counted:
            table.add_row(*_fields(row, taxonomy))
    total = ordered[0].denominator if ordered else 0
    table.add_row("Leukocytes counted", f"{total:,}", "", "", style="bold", end_section=True)
    outside = [row for row in ordered if not row.counted]
    if outside:
        table.add_row("Outside the 100 %, per 100 leukocytes", style="dim")
    for row in outside:
        table.add_row(*_fields(row, taxonomy))
    return table


def _fields(row: DifferentialRow, taxonomy: Taxonomy) -> tuple[str, ...]:
    indent = "  " if taxonomy.by_id[row.class_id].parent else ""
    name = f"{taxonomy.by_id[row.class_id].code}  {indent}{class_name(row, taxonomy)}"
    if row.percent is None or row.ci_low is None or row.ci_high is None:
        return (name, f"{row.n:,}", "–", "–")
    return (name, f"{row.n:,}", f"{row.percent:.1f}", f"{row.ci_low:.1f}–{row.ci_high:.1f}")
