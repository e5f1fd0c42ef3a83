"""The command line answers at once: no heavy package for `--help`, little more time than Python itself."""

from __future__ import annotations

from bench import start


def test_help_imports_no_heavy_package() -> None:
    assert start.heavy_imports() == set()


def test_help_takes_little_longer_than_python_alone() -> None:
    more = []
    for _try in range(3):  # another program may have taken the machine
        seconds = start.measure(rounds=4)
        more.append(min(seconds[start.HELP]) - min(seconds[start.PYTHON]))
        if more[-1] <= start.SECONDS_MORE:
            return
    raise AssertionError(f"seconds more than Python alone: {more}")
