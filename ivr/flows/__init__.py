"""One file, one flow: a caller's goal. The file's name is the flow's name; `line()` discovers them all."""

import importlib
import pkgutil
from functools import cache

from ivr.flow import AGENT, CALLED_BACK, Flow, FlowError
from ivr.line import Line


@cache
def line() -> Line:
    """Collect every flow of this package, in the order of their names; the same line each time.

    Raises: FlowError for a file without a `flow`.
    """
    flows: dict[str, Flow] = {}
    for module in pkgutil.iter_modules(__path__):
        flow = getattr(importlib.import_module(f"{__name__}.{module.name}"), "flow", None)
        if not isinstance(flow, Flow):
            raise FlowError(f"ivr/flows/{module.name}.py: declares no flow = Flow(...)")
        flows[module.name] = flow
    return Line(flows, legs=(AGENT, CALLED_BACK))
