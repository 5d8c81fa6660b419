"""Invented calls: real flows, real rows, and nobody on the line; for demonstrations and for measuring."""
