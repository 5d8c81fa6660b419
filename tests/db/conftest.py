from databases import backend, clock, engine, hasher, url

__all__ = ["backend", "clock", "engine", "hasher", "url"]
