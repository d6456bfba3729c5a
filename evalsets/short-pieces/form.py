"""Whether a piece keeps to the bounds of its brief: words, and lines where they are counted."""

from typing import Any


def keeps_its_form(answer: str, item: dict[str, Any]) -> dict[str, Any]:
    """Right within the bounds of the item's columns `least_words`, `most_words` and `lines`."""
    words = len(answer.split())
    lines = sum(bool(line.strip()) for line in answer.splitlines())
    least, most, wanted = item["least_words"], item["most_words"], item["lines"]
    objections = []
    if not least <= words <= most:
        objections.append(f"{words} words instead of {least} to {most}")
    if wanted is not None and lines != wanted:
        objections.append(f"{lines} lines instead of {wanted}")
    return {
        "score": float(not objections),
        "reading": f"{words} words, {lines} lines",
        "explanation": "; ".join(objections),
    }
