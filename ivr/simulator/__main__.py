"""`python -m ivr.simulator`."""

import sys

from ivr.simulator.cli import main

try:
    code = main()
except BrokenPipeError:
    # Whoever read the output has seen enough.
    sys.stderr.close()
    code = 0
sys.exit(code)
