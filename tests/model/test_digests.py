"""Digests of texts, whichever module makes them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountmerge.model import digests
from measuring import OF_MEASURING


@given(st.lists(st.text(), max_size=5), st.integers(-1, 100))
def test_a_digest_is_sha256_before_and_after_openssl_is_loaded(texts: list[str], left: int) -> None:
    maker = digests._digests
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(maker, "left", left)
        patch.setattr(maker, "new", maker._first())
        for text in texts:
            assert digests.sha256_of(text) == hashlib.sha256(text.encode()).hexdigest()


def test_a_python_without_its_own_sha256_uses_hashlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_MODULES", ("no_such_module", "operator", "hashlib"))
    assert digests._Digests().new is hashlib.sha256


def test_only_many_or_long_texts_load_openssl() -> None:
    code = (
        "import sys; from accountmerge.model.digests import sha256_of\n"
        "sha256_of('a' * 60_000); print('_hashlib' in sys.modules)\n"
        "sha256_of('a' * 6_000); print('_hashlib' in sys.modules)"
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OF_MEASURING)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, env=plain)
    assert done.stdout.split() == ["False", "True"]
