"""What litellm says that calls cost, as JSON lines: run in a process of its own, since its import is slow."""

from __future__ import annotations

import json
import math
import os
import sys

os.environ.update(LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_MODE="PRODUCTION")

import litellm
from litellm.types.utils import PromptTokensDetailsWrapper, Usage

litellm.suppress_debug_info = True
for entry in litellm.model_cost.values():
    entry.pop("off_peak_pricing", None)  # What time it is must not decide what a test finds.


def cost_usd(
    model: str,
    provider: str,
    used: dict[str, int],
    served: dict[str, str] | None = None,
    asked: dict[str, str] | None = None,
) -> float:
    """`served` is what an answer says of how it was served, `asked` what a call says of where it goes."""
    details = PromptTokensDetailsWrapper(
        cached_tokens=used["cache_read"], cache_creation_tokens=used["cache_write"], text_tokens=used["input"]
    )
    usage = Usage(
        prompt_tokens=used["input"] + used["cache_read"] + used["cache_write"],
        completion_tokens=used["output"],
        prompt_tokens_details=details,
        completion_tokens_details={"reasoning_tokens": used["reasoning"]},
        cache_creation_input_tokens=used["cache_write"],
        cache_read_input_tokens=used["cache_read"],
        **(served or {}),
    )
    return math.fsum(
        litellm.cost_per_token(model=model, custom_llm_provider=provider, usage_object=usage, **(asked or {}))
    )


for line in sys.stdin:
    sys.stdout.write(json.dumps(cost_usd(*json.loads(line))) + "\n")
