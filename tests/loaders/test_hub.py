from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_OFFLINE = """
import sys
from pathlib import Path
from evalbench.config.evalset_file import read_evalset_file
from evalbench.errors import EvalSetError
from evalbench.loaders.load import load_evalset
try:
    load_evalset(Path(sys.argv[1]), read_settings=read_evalset_file)
except EvalSetError as error:
    print(error.problems, error.fix)
"""


def test_a_hub_set_without_a_network_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "evalset.yaml").write_text("items: {hub: owner/no-such-set}\n", encoding="utf-8")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache")}

    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "cannot read 'test' of 'owner/no-such-set' from the hub" in done.stdout
    assert "save the rows as a .jsonl file" in done.stdout
