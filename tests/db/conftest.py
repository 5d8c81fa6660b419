from databases import ann, backend, clock, engine, hasher, url

__all__ = ["ann", "backend", "clock", "engine", "hasher", "url"]
