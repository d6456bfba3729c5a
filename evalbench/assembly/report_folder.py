"""Where the reports of a run go."""

from __future__ import annotations

from pathlib import Path

from evalbench.errors import InputError


def open_folder(reports: Path, run_id: str) -> Path:
    """The report folder of a run, made and tried before the first call, while failing is cheap."""
    folder = reports / run_id
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"the report folder {str(folder)!r} cannot be written: {error}", "name another with --out DIR."
        ) from error
    return folder
