"""The sound of the prompts: rendered ahead, kept in files, checked by ear.

`store`, and `shelf` and `in_time` around it, are all that a running line needs; the rest works at build time and needs
requirements-voice.txt.
"""
