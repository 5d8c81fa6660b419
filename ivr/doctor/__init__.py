"""`flask doctor`: what is wrong with a line, and what mends it. One file an area, one small function a check.

`findings`: what a check comes to. `patient`: what is looked at, each thing once. `round`: all checks side by side.
`before`: what can be looked at where the line does not start. `settings`, `clock`, `database`, `files`, `flows`,
`prompts`, `departments`, `staff`, `helpers`, `carrier`, `webhooks`, `certificate`, `proxy`, `stranger`: the checks,
which `checks` lists. No check writes anything that stays, and none shows a secret. `notes`: what is good to know
besides. `visit`: all of it.
"""
