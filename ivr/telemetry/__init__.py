"""What operators see of a running line: logs, metrics, traces. The core knows nothing of it.

- `logs`: one form for every log line; `masking`: what may never stand in one.
- `metrics`: every metric, by its name; `scrape`: the page of them; `watched`: the database and PINs, watched from
  outside; `bounded`: questions that may take a second and no longer.
- `tracing`: OpenTelemetry, where it is asked for.
"""
