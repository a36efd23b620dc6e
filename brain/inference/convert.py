"""Convert a ``.pt`` file to ONNX in a process of its own: ``python -m brain.inference.convert IN.pt OUT.onnx``.

A ``.pt`` file is a pickle: loading it runs code that it contains, so convert only files whose maker is trusted. The
converter (ultralytics, AGPL-3.0) is imported here alone, never by the running product.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from brain.core.errors import WeightsError

TIMEOUT_S = 900.0
_PACKAGE = "ultralytics"


def convert(source: Path, target: Path, size: tuple[int, int] | None = None, timeout_s: float = TIMEOUT_S) -> None:
    """Convert ``source`` (.pt) to ``target`` (.onnx) in a child process.

    Args:
        size: width and height of the network's input; the file's own unless told.

    Raises:
        WeightsError: the extra is not installed, or the conversion fails or takes too long.
    """
    if not source.is_file():
        raise WeightsError("weights cannot be read: no such file", where=str(source), remedy="check the path")
    if importlib.util.find_spec(_PACKAGE) is None:
        raise WeightsError(
            "a .pt file needs the converter, which is not installed",
            where=str(source),
            remedy="pip install 'city-brain[ultralytics]' (AGPL-3.0; used for the conversion only), or give an .onnx",
        )
    command = [sys.executable, "-m", "brain.inference.convert", str(source.resolve()), str(target.resolve())]
    if size is not None:
        command += [str(size[0]), str(size[1])]
    # The converter would otherwise install packages and send statistics by itself.
    environment = {**os.environ, "YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false"}
    # The child must find this package from whatever folder the command was given in.
    root = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        raise WeightsError(
            f"conversion not done after {timeout_s:.0f} s",
            where=str(source),
            remedy="convert it by hand and give the .onnx",
        ) from None
    if done.returncode != 0 or not target.is_file():
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        reason = lines[-1][:300] if lines else f"exit status {done.returncode}"
        raise WeightsError(
            f"conversion fails: {reason}", where=str(source), remedy="is it a detector that ultralytics can load?"
        )


def main(arguments: list[str]) -> int:
    """The child: load, export, move the result into place."""
    source, target = Path(arguments[0]), Path(arguments[1])
    converter: Any = importlib.import_module(_PACKAGE)
    with tempfile.TemporaryDirectory(prefix="brain-convert-") as folder:
        # It writes beside its input; work on a copy so that the user's folder stays as it is.
        copy = Path(shutil.copy(source, folder))
        options: dict[str, Any] = {"format": "onnx", "simplify": True, "dynamic": False, "half": False}
        if len(arguments) == 4:
            options["imgsz"] = [int(arguments[3]), int(arguments[2])]
        made = converter.YOLO(str(copy)).export(**options)
        shutil.move(str(made), target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
