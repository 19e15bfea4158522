"""audit.csv: every event of the log, oldest first, as it was hashed.

``payload`` is the canonical JSON text that went into the hash, so whoever holds the file can check
the chain without this program; ``docs/audit.md`` says how.
"""

from wbc_desktop.domain.audit.events import Event, canonical
from wbc_desktop.domain.formulas import guard

AUDIT_HEADER = ("seq", "at", "reader_id", "type", "payload", "prev_hash", "hash")


def audit_row(event: Event) -> tuple[str, ...]:
    """Return the fields of one event under ``AUDIT_HEADER``."""
    return (
        str(event.seq),
        event.at,
        guard(event.reader),
        event.type.value,
        canonical(event.payload),
        event.prev_hash,
        event.hash,
    )
