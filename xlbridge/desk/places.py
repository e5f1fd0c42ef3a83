"""Where ledger, archive and key lie for a click: as the environment says, else at the usual places."""

from __future__ import annotations

import os
from pathlib import Path

from xlbridge.issuing.places import Places


def desk_places() -> Places:
    """What XLBRIDGE_LEDGER, XLBRIDGE_ARCHIVE and XLBRIDGE_KEY_FILE say."""
    archive = os.environ.get("XLBRIDGE_ARCHIVE")
    return Places(os.environ.get("XLBRIDGE_LEDGER"), Path(archive) if archive else None, os.environ.get("XLBRIDGE_KEY_FILE"))
