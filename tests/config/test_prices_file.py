from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.config.prices_file import load_prices
from evalbench.core.models import Price
from evalbench.errors import InputError


def write(folder: Path, name: str, as_of: str, text: str = "gpt-5: {input: 1.0, output: 4.0}") -> Path:
    path = folder / name
    path.write_text(f"as_of: {as_of}\nprices:\n  {text}\n", encoding="utf-8")
    return path


def test_a_price_file_is_read_with_its_name_and_its_date(tmp_path: Path) -> None:
    found = load_prices([write(tmp_path, "december.yaml", "2026-12-01")], None)

    assert found.prices == {"gpt-5": Price(1.0, 4.0, source="december.yaml", as_of="2026-12-01")}


def test_hourly_prices_are_read_too(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", "2026-12-01", "hosted_vllm/own: {per_hour: 2.5}")

    assert load_prices([path], None).prices["hosted_vllm/own"].per_hour == 2.5


def test_of_several_files_the_newest_in_time_counts(tmp_path: Path) -> None:
    for day in ("2026-10-01", "2026-11-01", "2026-12-01"):
        write(tmp_path, f"{day}.yaml", day)

    assert load_prices([tmp_path], "2026-11-15").as_of == "2026-11-01"
    assert load_prices([tmp_path], None).as_of == "2026-12-01"


def test_a_day_before_every_file_is_refused_with_the_oldest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no price file is as old as 2026-01-01") as caught:
        load_prices([write(tmp_path, "a.yaml", "2026-10-01")], "2026-01-01")

    assert "--as-of 2026-10-01" in caught.value.fix


def test_a_day_without_any_file_is_refused_with_what_to_write(tmp_path: Path) -> None:
    for places in ([], [tmp_path]):
        with pytest.raises(InputError, match="there is no price file") as caught:
            load_prices(places, "2026-12-01")

        assert "--prices FILE" in caught.value.fix


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="'yesterday', which is no date"):
        load_prices([], "yesterday")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("gpt-5: {input: 1.0, ouput: 4.0}", "did you mean 'output'"),
        ("gpt-5: {input: 1.0}", "needs both `input` and `output`"),
        ("gpt-5: {input: 1.0, output: -4.0}", "below 0"),
        ("gpt-5: {input: 1.0, output: 4.0, per_hour: 1}", "one of three ways"),
    ],
)
def test_mistakes_are_told_with_line_and_nearest_key(tmp_path: Path, text: str, problem: str) -> None:
    path = write(tmp_path, "a.yaml", "2026-12-01", text)

    with pytest.raises(InputError, match=r"a\.yaml:3") as caught:
        load_prices([path], None)

    assert problem in caught.value.problem


def test_a_file_must_say_of_when_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("prices: {gpt-5: {input: 1.0, output: 4.0}}\n", encoding="utf-8")

    with pytest.raises(InputError, match="'as_of' is missing"):
        load_prices([path], None)
