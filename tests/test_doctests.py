"""The examples in the docstrings of every module are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import xlbridge

MODULES = sorted(module.name for module in pkgutil.walk_packages(xlbridge.__path__, "xlbridge.") if not module.name.endswith("__main__"))


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_examples_are_found() -> None:
    assert "xlbridge.model.money" in MODULES
    assert doctest.testmod(importlib.import_module("xlbridge.model.money")).attempted >= 3
