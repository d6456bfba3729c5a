"""The process that compares formulas: reads what to compare line by line, as JSON, and answers alike.

It is a script that knows nothing of the rest of the program, so that it can be killed at any
time: `parse` and `verify` may run for ever, and their own deadlines only work in a main thread.
"""

from __future__ import annotations

import json
import logging
import resource
import sys

MOST_BYTES = 2 << 30
"""Of address space: an expression that wants more is given up."""


def main() -> None:
    """Say hello once the library is loaded, and then answer until there are no more questions."""
    logging.disable(logging.WARNING)
    from math_verify import parse, verify  # noqa: PLC0415 - takes seconds, and may not be there

    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    say({})
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        answer, *golds = (
            parse(text, fallback_mode="no_fallback", parsing_timeout=None)
            for text in (asked["answer"], *(f"${gold}$" for gold in asked["golds"]))
        )
        say(
            {
                "reading": str(answer[0]) if answer else None,
                "is_right": bool(answer)
                and any(verify(gold, answer, timeout_seconds=None) for gold in golds if gold),
                "unread": [place for place, gold in enumerate(golds) if not gold],
            }
        )


def say(value: dict[str, object]) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
