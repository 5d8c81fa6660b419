from databases import backend, engine, url  # noqa: F401 fixtures
