"""Callers' messages on their way from the carrier to us: fetched, made sure of, deleted there, and in time here."""
