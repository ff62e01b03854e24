"""For every test: the helper modules of this folder can be imported, and settings of the shell do
not reach the engine."""

import pytest


@pytest.fixture(autouse=True)
def default_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels and threads are chosen as they are where nobody asks for anything."""
    monkeypatch.delenv("HOIQUY_KERNELS", raising=False)
    monkeypatch.delenv("HOIQUY_THREADS", raising=False)
