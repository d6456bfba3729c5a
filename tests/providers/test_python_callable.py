from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Message, Prompt
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.errors import InputError
from evalbench.providers.python_callable import CallableProvider, callable_provider

PROMPT = Prompt(
    "raw input", (Message("system", "be brief"), Message("user", "Classify: raw input")), {"lang": "en"}
)


def provider(folder: Path, source: str, name: str = "answer") -> CallableProvider:
    (folder / "models.py").write_text(source, "utf-8")
    return callable_provider(Model(f"python/models.py:{name}", params={"k": 1}), folder)


def ask(found: CallableProvider) -> Completion | Failure:
    return found.answer(
        Request("t", "i1", "small", Model("python/models.py:answer", params={"k": 1}), PROMPT)
    )


def test_a_function_of_one_argument_gets_the_last_user_message(tmp_path: Path) -> None:
    answer = ask(provider(tmp_path, "def answer(question): return question.upper()"))

    assert isinstance(answer, Completion)
    assert answer.text == "CLASSIFY: RAW INPUT"
    assert answer.latency_s is not None
    assert answer.cost_usd is None


def test_a_function_gets_what_it_asks_for_by_name(tmp_path: Path) -> None:
    source = (
        "def answer(input, messages, fields, params):\n"
        '    return f\'{input}|{len(messages)}|{fields["lang"]}|{params["k"]}\'\n'
    )

    answer = ask(provider(tmp_path, source))

    assert isinstance(answer, Completion)
    assert answer.text == "raw input|2|en|1"


def test_a_mapping_may_carry_confidence_cost_and_tokens(tmp_path: Path) -> None:
    source = "def answer(p): return {'text': 'x', 'confidence': 0.5, 'cost_usd': 0.1, 'input_tokens': 3}"

    answer = ask(provider(tmp_path, source))

    assert isinstance(answer, Completion)
    assert (answer.confidence, answer.cost_usd, answer.usage.input_tokens) == (0.5, 0.1, 3)


def test_a_coroutine_function_is_awaited(tmp_path: Path) -> None:
    answer = ask(provider(tmp_path, "async def answer(p): return 'later'"))

    assert isinstance(answer, Completion)
    assert answer.text == "later"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("raise ValueError('no such row')", "no such row"),
        ("return 7", "int"),
        ("return {'txt': 'x'}", "text"),
        ("return {'text': 'x', 'confidence': 7}", "impossible"),
        ("return {'text': 'x', 'cost': 7}", "cost"),
        ("return {'text': 'x', 'cost_usd': float('nan')}", "impossible"),
    ],
)
def test_what_goes_wrong_inside_is_a_failure_and_never_an_answer(
    tmp_path: Path, body: str, word: str
) -> None:
    answer = ask(provider(tmp_path, f"def answer(p): {body}"))

    assert isinstance(answer, Failure)
    assert word in answer.message
    assert not answer.retryable


def test_a_lost_connection_is_worth_another_try(tmp_path: Path) -> None:
    answer = ask(provider(tmp_path, "def answer(p): raise ConnectionResetError('gone')"))

    assert isinstance(answer, Failure)
    assert answer.retryable


@pytest.mark.parametrize(
    ("source", "name", "word"),
    [
        ("x = 1", "answer", "no function 'answer'"),
        ("def answer(p:", "answer", "SyntaxError"),
        ("def answer(a, b): return ''", "answer", "cannot give"),
        ("def answer(): return ''", "answer", "no argument"),
    ],
)
def test_a_function_that_cannot_be_used_is_refused_before_any_call(
    tmp_path: Path, source: str, name: str, word: str
) -> None:
    with pytest.raises(InputError, match=word):
        provider(tmp_path, source, name)


@pytest.mark.parametrize("code", ["1", "0", "'no licence'"])
def test_a_function_that_leaves_the_program_has_failed_for_its_item(tmp_path: Path, code: str) -> None:
    answer = ask(provider(tmp_path, f"import sys\ndef answer(p): sys.exit({code})"))

    assert isinstance(answer, Failure)
    assert answer.message.startswith("SystemExit")


def test_a_file_that_leaves_the_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="raises SystemExit: 1"):
        provider(tmp_path, "raise SystemExit(1)")


def test_a_file_is_executed_once_for_all_its_functions(tmp_path: Path) -> None:
    source = "from pathlib import Path\nwith open('COUNT', 'a') as file: file.write('x')\n"
    source = source.replace("COUNT", (tmp_path / "count").as_posix())
    source += "def answer(p): return 'a'\ndef other(p): return 'b'\n"

    for name in ("answer", "other", "answer"):
        provider(tmp_path, source, name)

    assert (tmp_path / "count").read_text("utf-8") == "x"


def test_a_file_may_define_dataclasses(tmp_path: Path) -> None:
    source = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Said:\n    text: str\n"
        "def answer(p): return Said(p).text.upper()\n"
    )

    answer = ask(provider(tmp_path, source))

    assert isinstance(answer, Completion)
    assert answer.text == "CLASSIFY: RAW INPUT"


def test_a_function_may_import_its_neighbours_as_late_as_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "late_neighbour.py").write_text("SAID = 'from beside'", "utf-8")

    answer = ask(
        provider(tmp_path, "def answer(p):\n    import late_neighbour\n    return late_neighbour.SAID")
    )

    assert isinstance(answer, Completion)
    assert answer.text == "from beside"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        callable_provider(Model("python/nowhere.py:answer"), tmp_path)


def test_an_edited_pipeline_gives_new_answers(tmp_path: Path) -> None:
    request = Request("t", "i1", "small", Model("python/models.py:answer"), PROMPT)

    before = provider(tmp_path, "def answer(p): return 'a'").identity(request)
    after = provider(tmp_path, "def answer(p): return 'b'").identity(request)

    assert before != after
