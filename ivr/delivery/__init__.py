"""Events on their way from the outbox to a company's own systems."""
