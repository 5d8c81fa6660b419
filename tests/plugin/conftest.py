import pytest


@pytest.fixture
def project_with(pytester, monkeypatch, request):
    """Another project that has the plugin: its conftest, and what stands in its settings."""

    def project(conftest, *settings):
        monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
        here = request.path.parent
        every = (f"pythonpath = {here} {here.parents[1]}", "filterwarnings = error", "addopts = -p no:cacheprovider")
        pytester.makeini("\n".join(["[pytest]", *every, *settings, ""]))
        pytester.makeconftest(conftest)
        return pytester

    return project
