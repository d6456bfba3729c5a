from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.config.project import find_project, load_project
from evalbench.core.models import Model, Price
from evalbench.errors import InputError

TYPICAL = """\
tiers:
  small:  openai/gpt-5-nano
  large:  openai/gpt-5
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "evalbench.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> InputError:
    path = write(folder, text)
    with pytest.raises(InputError) as caught:
        load_project(path)
    return caught.value


def test_a_typical_file_gives_tiers_in_order_with_the_last_one_current(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, TYPICAL))

    assert list(project.tiers) == ["small", "large"]
    assert project.tiers["small"] == Model("openai/gpt-5-nano")
    assert project.pool.current == "large"


def test_everything_else_has_a_default(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, TYPICAL))

    assert project.evalsets == ("evalsets/*",)
    assert (project.repeats, project.seed, project.timeout_s, project.retries) == (1, 7, 60, 5)
    assert project.max_spend_usd is None
    assert project.classical
    assert project.ledger == tmp_path / ".evalbench" / "ledger.sqlite"
    assert project.reports == tmp_path / "reports"


def test_every_key_is_read(tmp_path: Path) -> None:
    text = """\
evalsets: sets
tiers:
  small: local/linear
  large:
    model: hosted_vllm/llama
    api_base: http://127.0.0.1:8000/v1
    api_key_env: MY_KEY
    params: {temperature: 0, logprobs: true, reasoning_effort: low, stop: "1"}
    limits: {concurrency: 64, rpm: 500, tpm: 200000}
    price: {input: 0.15, output: 0.60, cache_read: 0.075, cache_write: 0.15}
current: small
max_spend_usd: 5
deployed: {triage: small}
classical: off
judge: {model: openai/gpt-5, api_key_env: OPENAI_API_KEY}
repeats: 3
seed: 0
timeout_s: 2.5
retries: 0
ledger: a.sqlite
reports: out
"""

    project = load_project(write(tmp_path, text))

    assert project.tiers["large"] == Model(
        "hosted_vllm/llama",
        "http://127.0.0.1:8000/v1",
        "MY_KEY",
        {"temperature": 0, "logprobs": True, "reasoning_effort": "low", "stop": "1"},
        64,
        500,
        200000,
        Price(0.15, 0.60, 0.075, 0.15),
    )
    assert (project.evalsets, project.current, project.max_spend_usd) == (("sets",), "small", 5)
    assert (project.deployed, project.classical) == ({"triage": "small"}, False)
    assert project.judge == Model("openai/gpt-5", api_key_env="OPENAI_API_KEY")
    assert (project.repeats, project.seed, project.timeout_s, project.retries) == (3, 0, 2.5, 0)
    assert (project.ledger, project.reports) == (tmp_path / "a.sqlite", tmp_path / "out")


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(tmp_path: Path) -> None:
    error = refusal(tmp_path, TYPICAL + "curent: large\n")

    assert error.problem.endswith("evalbench.yaml:4: unknown key 'curent'; did you mean 'current'?")


def test_a_nested_unknown_key_is_compared_with_the_keys_of_its_own_group(tmp_path: Path) -> None:
    error = refusal(tmp_path, "tiers:\n  a:\n    model: x/y\n    pric: {}\n")

    assert "evalbench.yaml:4: unknown key 'tiers.a.pric'; did you mean 'price'?" in error.problem


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = "tiers:\n  a: [x]\nrepeats: 0\nmax_spend_usd: five\ntimeout_s: nan\nclassical: maybe\n"

    error = refusal(tmp_path, text)

    assert error.problem.startswith("5 problems in ")
    assert ":2: 'tiers.a' is a list, not a group of keys" in error.problem
    assert ":3: 'repeats' is '0', below 1" in error.problem
    assert ":4: 'max_spend_usd' is 'five', not a number" in error.problem
    assert ":5: 'timeout_s' is 'nan', not a number" in error.problem
    assert ":6: 'classical' is 'maybe'; use one of: auto, off" in error.problem
    assert "pydantic" not in error.problem


@pytest.mark.parametrize("key", ["sk-abc", "hf_AbCdEf", "abcdefghij0123456789xyz", "not a name"])
def test_a_key_in_place_of_a_variable_name_is_refused_without_being_shown(tmp_path: Path, key: str) -> None:
    error = refusal(tmp_path, f"tiers:\n  a: {{model: x/y, api_key_env: {key}}}\n")

    assert "NAME of an environment variable" in error.problem
    assert key not in error.problem + error.fix


@pytest.mark.parametrize(
    "line", ["api_key: sk-hidden", "params: {api_key: sk-hidden}", "api_base: http://me:sk-hidden@host/v1"]
)
def test_a_secret_in_the_file_is_refused_without_being_shown(tmp_path: Path, line: str) -> None:
    error = refusal(tmp_path, f"tiers:\n  a:\n    model: x/y\n    {line}\n")

    assert "evalbench.yaml:4" in error.problem
    assert "hidden" not in error.problem + error.fix


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ("{input: -1, output: 1}", "'tiers.a.price.input' is '-1', below 0"),
        ("{input: 1, output: 1, per_hour: 2}", "one of three ways"),
        ("{per_hour: 1, per_month: 2}", "one of three ways"),
        ("{}", "one of three ways"),
        ("{input: 1}", "both `input` and `output`"),
        ("{per_hour: 2, max_rps: 3}", "belongs to `per_month`"),
        ("free", "not a group of keys"),
    ],
)
def test_a_price_that_makes_no_sense_is_refused(tmp_path: Path, price: str, message: str) -> None:
    error = refusal(tmp_path, f"tiers:\n  a: {{model: x/y, price: {price}}}\n")

    assert message in error.problem


@pytest.mark.parametrize("price", ["{per_hour: 0}", "{per_month: 1800, max_rps: 12}", "{per_month: 1800}"])
def test_a_machine_may_be_priced_by_time(tmp_path: Path, price: str) -> None:
    project = load_project(write(tmp_path, f"tiers:\n  a: {{model: x/y, price: {price}}}\n"))

    assert project.tiers["a"].price is not None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("current: larg", "'larg', which is no tier; did you mean 'large'?"),
        ("deployed: {t: smal}", "'smal', which is no tier; did you mean 'small'?"),
    ],
)
def test_a_tier_that_is_not_there_is_refused(tmp_path: Path, line: str, message: str) -> None:
    error = refusal(tmp_path, TYPICAL + line + "\n")

    assert message in error.problem


@pytest.mark.parametrize("tiers", ["{}", "{'a,b': x/y}", "{'a=b': x/y}", "{' a': x/y}", "{a: ''}"])
def test_tiers_need_names_that_can_be_typed(tmp_path: Path, tiers: str) -> None:
    refusal(tmp_path, f"tiers: {tiers}\n")


def test_a_file_that_is_not_there_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_project(tmp_path / "evalbench.yaml")

    assert "evalbench init" in caught.value.fix


def test_a_null_means_that_a_key_is_not_set(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, TYPICAL + "max_spend_usd: null\ncurrent: ~\nseed:\n"))

    assert (project.max_spend_usd, project.current, project.seed) == (None, "large", 7)


def test_the_nearest_project_file_upwards_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, TYPICAL)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)

    assert find_project(deep) == path.resolve()


def test_without_a_project_file_there_is_none(tmp_path: Path) -> None:
    assert find_project(tmp_path) is None


def test_a_tier_that_does_not_exist_is_told_with_the_line_that_names_it(tmp_path: Path) -> None:
    current = refusal(tmp_path, "tiers:\n  a: x/y\n\ncurrent: huge\n")
    deployed = refusal(tmp_path, "tiers:\n  a: x/y\ndeployed:\n  t: a\n  u: huge\n")

    assert "evalbench.yaml:4: 'current' is 'huge'" in current.problem
    assert "evalbench.yaml:5: 'deployed.u' is 'huge'" in deployed.problem


@pytest.mark.parametrize(
    "params",
    ["max_tokens: many", "max_completion_tokens: 1.5", "max_tokens: 0", "extra_body: {max_tokens: x}"],
)
def test_a_limit_of_tokens_is_a_whole_number(tmp_path: Path, params: str) -> None:
    error = refusal(tmp_path, f"tiers:\n  a:\n    model: x/y\n    params:\n      {params}\n")

    assert "evalbench.yaml:5: 'tiers.a.params' has max_" in error.problem


@pytest.mark.parametrize("name", ["api-key", "apikey", "access_token", "sig", "code", "client_secret"])
def test_a_key_in_the_query_of_an_address_is_refused_without_being_shown(tmp_path: Path, name: str) -> None:
    error = refusal(tmp_path, f"tiers:\n  a: {{model: x/y, api_base: 'http://h/v1?v=1&{name}=S3cret'}}\n")

    assert f"evalbench.yaml:2: 'tiers.a.api_base' may not hold {name!r}" in error.problem
    assert "`api_key_env: NAME`" in error.fix
    assert "S3cret" not in error.problem + error.fix


def test_other_members_of_a_query_stay(tmp_path: Path) -> None:
    text = "tiers:\n  a: {model: x/y, api_base: 'http://h/v1?api-version=1&encoding=utf-8'}\n"

    assert (
        load_project(write(tmp_path, text)).tiers["a"].api_base == "http://h/v1?api-version=1&encoding=utf-8"
    )


@pytest.mark.parametrize(
    "address", ['"http://h/v1 "', '" http://h/v1"', '"http://h/v1\\n"', "|\n      http://h/v1"]
)
def test_space_around_an_address_does_not_belong_to_it(tmp_path: Path, address: str) -> None:
    project = load_project(write(tmp_path, f"tiers:\n  a:\n    model: x/y\n    api_base: {address}\n"))

    assert project.tiers["a"].api_base == "http://h/v1"


@pytest.mark.parametrize(
    ("address", "fix"),
    [
        ("http://h/v1 /chat", "write `api_base: http://h/v1`"),
        ('"http://h/v1\\n/chat"', "write `api_base: http://h/v1`"),
        ("http://h/v1?a=S3cret x", "write `api_base: http://h/v1`"),
        ('"http://h/\\tv1"', "write `api_base: http://h/`"),
    ],
)
def test_space_within_an_address_is_refused_with_its_line(tmp_path: Path, address: str, fix: str) -> None:
    error = refusal(tmp_path, f"tiers:\n  a:\n    model: x/y\n    api_base: {address}\n")

    assert "evalbench.yaml:4: 'tiers.a.api_base' goes on with '" in error.problem
    assert fix in error.fix
    assert "S3cret" not in error.problem + error.fix


@pytest.mark.parametrize(
    "params", ["api_key: S3cret", "extra_body: {Token: S3cret}", "headers: {x-api-key: S3cret}"]
)
def test_a_key_among_the_parameters_is_refused_without_being_shown(tmp_path: Path, params: str) -> None:
    error = refusal(tmp_path, f"tiers:\n  a:\n    model: x/y\n    params:\n      {params}\n")

    assert "evalbench.yaml:5: 'tiers.a.params' may not hold" in error.problem
    assert "`api_key_env: NAME`" in error.fix
    assert "S3cret" not in error.problem + error.fix
