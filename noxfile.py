"""Sessions: `nox` runs most of what CI runs, `nox -s cluster` the rest; `nox -s laws`, `bench` and `mutants` take longer."""

from __future__ import annotations

import os
import shutil
import sys

import nox

SUPPORTED = ["3.11", "3.12", "3.13", "3.14"]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
SPREAD = ["-n", "auto", "--dist", "worksteal"]  # whoever is done takes over from who has long tests
LIBRARY = ("-e", ".[cli,testing,sql,frames,notebook]")
COMPILED_ONCE = {"PYTHONDONTWRITEBYTECODE": None}
"""So that neither the second worker nor the children of tests compile all modules again, where the machine forbids it."""
LONG_TESTS = ["tests/laws", "tests/testing", "tests/sql"]
PROJECT = nox.project.load_toml("pyproject.toml")

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.error_on_missing_interpreters = False  # also where CI is set: the one that is there is tested


def group(name: str) -> list[str]:
    return nox.project.dependency_groups(PROJECT, name)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, format, and the floors; nothing is imported, so the library need not be installed."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", env={"PYTHONPATH": "src"})


@nox.session
def types(session: nox.Session) -> None:
    """Types of the library and of its tests."""
    session.install(*LIBRARY, *group("types"), *group("bench"))
    session.run("mypy")


@nox.session(python=sorted({*SUPPORTED, HERE}, key=lambda name: int(name.split(".")[1])))
def tests(session: nox.Session) -> None:
    """Everything but the long laws and the benchmarks."""
    session.install(*LIBRARY, *group("tests"))
    measured = ["--cov", "--cov-report=term", "--cov-fail-under=98"]
    session.run("pytest", *SPREAD, *measured, *session.posargs, env=COMPILED_ONCE)


@nox.session
def cluster(session: nox.Session) -> None:
    """Frames on Spark, which runs on this machine."""
    has_java = shutil.which("java") or os.environ.get("JAVA_HOME")
    session.install("-e", ".[sql,testing,frames]", *group("cluster"), *([] if has_java else group("java")))
    session.run("pytest", "tests/cluster", *session.posargs)


@nox.session
def laws(session: nox.Session) -> None:
    """The laws with many more examples."""
    session.install(*LIBRARY, *group("tests"))
    session.run("pytest", *SPREAD, "--hypothesis-profile=laws", *LONG_TESTS, *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Speed, as ratios against a peer in the same run."""
    session.install(*LIBRARY, *group("bench"))
    session.run("python", "tests/benchmarks/run.py", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Break the code in thousands of places, or in a sample of them, and count the changes that no test finds."""
    session.install(*LIBRARY, *group("mutants"))
    session.run("python", "tests/mutation_run.py", *session.posargs)


@nox.session
def catalogues(session: nox.Session) -> None:
    """Compile the sentences after a change of a `.po` file."""
    session.install("babel")
    for language, domain in (("en", "accountmerge"), ("fr", "accountmerge"), ("fr", "help")):
        session.run(
            *("pybabel", "compile", f"--domain={domain}", f"--locale={language}"),
            "--directory=src/accountmerge/messages/locale",
        )


@nox.session
def schemas(session: nox.Session) -> None:
    """Write the JSON Schemas anew after a change of a field, a vocabulary or a hook."""
    session.install("-e", ".")
    session.run("python", "-m", "accountmerge.documents.document_schemas")


@nox.session
def pictures(session: nox.Session) -> None:
    """Draw the pictures of README and of the pages again after a change of a chart or of a sentence in it."""
    session.install("-e", ".[notebook]", *group("pictures"))
    session.run("python", "docs/pictures/make_pictures.py")
