"""Puts the built add-in and workbook into the wheel; nothing built is kept with the source."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MacroBuildHook(BuildHookInterface[Any]):
    """Builds both files before the wheel is packed, and removes them afterwards."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from macros.build import build

        self.folder = tempfile.TemporaryDirectory()
        for path in build(Path(self.folder.name)):
            build_data["force_include"][str(path)] = f"xlbridge/macros/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if version != "editable":
            self.folder.cleanup()
