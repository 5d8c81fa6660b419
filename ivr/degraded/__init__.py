"""Going on while the database is slow or away: callers are answered, and what happened is written down later.

- `breaker`: whether the database is asked at all (a circuit breaker), and what happens once it is back.
- `seal`: how far a call has come, in the addresses of its next webhooks.
- `spool`: what is to be written later, on disk (store and forward). `late`: what that can be.
- `services`: what flows can still reach. `steady`: one webhook, with a database or without.
"""
