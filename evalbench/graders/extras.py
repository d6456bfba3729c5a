"""Packages that only some graders need, and how to get them."""

from __future__ import annotations

from importlib.util import find_spec

from evalbench.errors import MissingExtraError


def require(grader: str, package: str, extra: str) -> None:
    """Say how to install the extra, before anything is paid, where the module `package` is missing.

    Raises:
        MissingExtraError: it is.
    """
    if find_spec(package) is None:
        raise MissingExtraError(
            f"grader {grader!r} needs the package {package.replace('_', '-')!r}, which is not installed",
            f"install it: pip install 'evalbench-cli[{extra}]'",
        )
