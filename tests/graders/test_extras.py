from __future__ import annotations

import pytest

from evalbench.errors import MissingExtraError
from evalbench.graders.extras import require


def test_the_missing_package_is_named_with_the_line_that_installs_it() -> None:
    with pytest.raises(
        MissingExtraError, match="grader 'language' needs the package 'no-such-package'"
    ) as caught:
        require("language", "no_such_package", "language")

    assert caught.value.fix == "install it: pip install 'evalbench-cli[language]'"


def test_a_package_that_is_there_is_enough() -> None:
    require("numeric", "pytest", "any")
