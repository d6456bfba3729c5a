from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shell import evalbench

PROJECT = """\
tiers:
  small: {{model: hosted_vllm/tiny, api_base: "{0}", params: {{max_tokens: 4, logprobs: true}}}}
  medium: {{model: openai/tiny, api_base: "{0}", params: {{max_tokens: 8, stream: true}}}}
  large: {{model: litellm/hosted_vllm/tiny, api_base: "{0}", params: {{max_tokens: 8}}}}
classical: off
"""
PRICE = "price: {per_hour: 0.5}, limits: {concurrency: 2}"


def test_three_tiers_on_a_real_server_end_in_a_complete_report(here: Path, llama_address: str) -> None:
    text = PROJECT.format(llama_address).replace("api_base", f"{PRICE}, api_base")
    (here / "evalbench.yaml").write_text(text, "utf-8")
    rows = [{"id": f"{number:03d}", "text": f"word {number}", "label": "yes"} for number in range(24)]
    (here / "words.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    done = evalbench(
        *("run", "words.jsonl", "--input", "text", "--target", "label", "--task", "qa", "--json", "--quiet"),
        cwd=here,
    )

    assert done.code == 0, done.err
    (task,) = done.json["tasks"]
    folder = here / "reports" / done.json["run"]["id"]
    assert done.json["run"]["complete"]
    assert {path.name for path in folder.iterdir()} == {
        *("report.html", "summary.json", "summary.md", "results.parquet", "junit.xml")
    }
    for tier in task["tiers"]:
        assert tier["answers"]["missing"] == 0
        assert tier["latency_s"]["trials"] == 24
        assert tier["cost_usd"]["total"] > 0
        assert tier["tokens"]["output"] > 0
    assert [tier["first_token_s"] is not None for tier in task["tiers"]] == [False, True, False]
