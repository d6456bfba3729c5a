from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import evalbench, write_project


def break_items(folder: Path, text: str) -> None:
    path = folder / "evalsets" / "tickets"
    (path / "evalset.yaml").write_text("items: items.jsonl\nprompt: '{{ text }}'\nlabels: [a, b]\n", "utf-8")
    (path / "items.jsonl").write_text(text, "utf-8")


def rows(count: int = 30) -> list[str]:
    return [f'{{"id": "{number}", "text": "t {number}", "label": "a"}}' for number in range(1, count + 1)]


def with_row(number: int, row: str) -> str:
    lines = rows()
    lines[number - 1] = row
    return "\n".join(lines) + "\n"


SETTINGS = {
    "an unknown key": ("items: tickets.csv\nmax_dropp: 0.1\n", "max_drop"),
    "an unknown grader": ("items: tickets.csv\ngrader: exakt\n", "exact"),
    "an unknown option of a grader": (
        "items: tickets.csv\ngrader: {name: exact, ignorecase: true}\n",
        "evalsets/tickets/evalset.yaml:2: grader 'exact' has no option 'ignorecase'",
    ),
    "an unknown option of a part of a grader": (
        "items: tickets.csv\ngrader:\n  all:\n  - exact\n  - {name: contains, al: true}\n",
        "yaml:5: grader 'contains' has no option 'al'; did you mean 'all'?\n  fix: write `all: true`.",
    ),
    "an option of a weighed part with a value that does not fit": (
        "items: tickets.csv\ngrader: {weighted: [{grader: {any: [\n  {name: contains,\n  all: 3}]}}]}\n",
        "evalsets/tickets/evalset.yaml:4: grader 'contains': option 'all' must be true or false, not 3",
    ),
    "a missing file": ("items: ticket.csv\n", "tickets.csv"),
    "a missing column": ("items: tickets.csv\nprompt: '{{ txt }}'\n", "text"),
    "the target in the prompt": ("items: tickets.csv\nprompt: '{{ text }} {{ category }}'\n", "category"),
    "a reach for the internals": ("items: tickets.csv\nprompt: '{{ text.__class__.mro() }}'\n", "may not"),
}


@pytest.mark.parametrize(("settings", "word"), SETTINGS.values(), ids=SETTINGS)
def test_a_bad_setting_is_one_clear_error_before_any_work(tmp_path: Path, settings: str, word: str) -> None:
    folder = write_project(tmp_path, 20)
    (folder / "evalsets" / "tickets" / "evalset.yaml").write_text(settings, "utf-8")

    done = evalbench("run", cwd=folder)

    assert done.code == 2
    assert word in done.err
    assert "fix: " in done.err
    assert "Traceback" not in done.err
    assert not (folder / ".evalbench").exists()


ITEMS = {
    "broken JSON": (with_row(17, '{"id": "17", '), "items.jsonl:17"),
    "a duplicate id": (with_row(17, '{"id": "3", "text": "x", "label": "a"}'), "items.jsonl:17"),
    "a label outside the list": (with_row(17, '{"id": "17", "text": "x", "label": "c"}'), "items.jsonl:17"),
    "an empty file": ("", "items.jsonl"),
    "a binary file": ("\x00\x01\x02\x00" * 50, "items.jsonl"),
}


@pytest.mark.parametrize(("text", "place"), ITEMS.values(), ids=ITEMS)
def test_a_bad_row_is_named_with_its_line_before_any_work(tmp_path: Path, text: str, place: str) -> None:
    folder = write_project(tmp_path, 20)
    break_items(folder, text)

    done = evalbench("run", cwd=folder)

    assert done.code == 2
    assert place in done.err
    assert "fix: " in done.err
    assert not (folder / ".evalbench").exists()


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 20)
    lines = rows()
    lines[4], lines[9], lines[14] = "{", '{"id": "1", "text": "x", "label": "a"}', "[]"
    break_items(folder, "\n".join(lines) + "\n")

    done = evalbench("run", cwd=folder)

    assert [f"items.jsonl:{number}" in done.err for number in (5, 10, 15)] == [True] * 3


def test_a_line_of_200_mb_is_refused(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 20)
    break_items(folder, "")
    with (folder / "evalsets" / "tickets" / "items.jsonl").open("r+b") as file:
        file.write(b'{"id": "1", "text": "' + b"x" * 11_000_000)
        file.truncate(200_000_000)

    done = evalbench("run", cwd=folder)

    assert done.code == 2
    assert "items.jsonl:1" in done.err


PROJECTS = {
    "an unknown key": ("teirs: {small: local/small}\n", "tiers"),
    "a tier that does not exist": ("tiers: {small: local/small}\ncurrent: big\n", "small"),
    "an unknown classical model": ("tiers: {small: local/smal}\n", "small"),
    "a model whose key is not set": ("tiers: {small: openai/gpt-5-nano}\n", "export OPENAI_API_KEY"),
    "a model without its provider": ("tiers: {small: gpt-5-nano}\n", "openai/gpt-5-nano"),
    "a missing recording": ("tiers: {small: 'recorded/no.jsonl#m'}\n", "no.jsonl"),
    "a missing function": ("tiers: {small: 'python/models.py:tiny'}\n", "tiny"),
    "a key instead of its name": (
        "tiers: {small: {model: local/small, api_key_env: sk-abcdef0123456789abcdef}}\n",
        "NAME",
    ),
}


@pytest.mark.parametrize(("project", "word"), PROJECTS.values(), ids=PROJECTS)
def test_a_bad_project_is_one_clear_error(tmp_path: Path, project: str, word: str) -> None:
    folder = write_project(tmp_path, 20)
    (folder / "evalbench.yaml").write_text(project, "utf-8")

    done = evalbench("run", cwd=folder)

    assert done.code == 2
    assert word in done.err
    assert "fix: " in done.err
    assert "abcdef0123456789" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--no-such-flag"),
        ("run", "nowhere"),
        ("run", "--tiers", "huge"),
        ("run", "--max-age", "soon"),
        ("run", "--resume", "nothing"),
        ("report", "nothing"),
        ("report", "--format", "pdf"),
        ("show", "latest", "x"),
        ("grade", "nothing"),
        ("import", "spreadsheet", "x", "--tiers", "a=b"),
        ("import", "recordings", "x.jsonl", "--tiers", "a=b"),
        ("try", "nowhere"),
        ("evalsets", "new", "nowhere.csv"),
        ("evalsets", "show", "nowhere"),
    ],
)
def test_bad_arguments_leave_with_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = evalbench(*arguments, cwd=write_project(tmp_path, 20))

    assert done.code == 2, done.err
    assert "Traceback" not in done.err
