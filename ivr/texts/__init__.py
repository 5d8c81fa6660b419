"""Text messages on their way from the outbox to the carrier."""
