"""Serves the line of those who wait: rings the people of a department, one place after the other, as they arrived."""
