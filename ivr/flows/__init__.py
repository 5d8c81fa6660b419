"""One file, one flow: a caller's goal. The file's name is the flow's name; `line()` discovers them all."""

import importlib
import pkgutil
import traceback
from functools import cache
from pathlib import Path

from ivr.flow import AGENT, CALLED_BACK, Flow, FlowError
from ivr.line import Line


@cache
def line() -> Line:
    """Collect every flow of this package, in the order of their names; the same line each time.

    A file that cannot be loaded is left out, and `Line.unloaded` says why: whom the others serve, they serve.
    """
    flows: dict[str, Flow] = {}
    unloaded: dict[str, str] = {}
    for module in pkgutil.iter_modules(__path__):
        try:
            flows[module.name] = _flow(module.name)
        except Exception as error:  # noqa: BLE001 whatever is in the file
            unloaded[module.name] = _why(module.name, error)
    return Line(flows, legs=(AGENT, CALLED_BACK), unloaded=unloaded)


def _flow(name: str) -> Flow:
    flow = getattr(importlib.import_module(f"{__name__}.{name}"), "flow", None)
    if not isinstance(flow, Flow):
        raise FlowError("declares no flow = Flow(...)")
    return flow


def _why(name: str, error: Exception) -> str:
    """Say in one line what is wrong with a file, and where in it."""
    file = f"{name}.py"
    there = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == file]
    number = error.lineno if isinstance(error, SyntaxError) else there[-1] if there else None
    where = f"ivr/flows/{file}{f', line {number}' if number else ''}"
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return " ".join(f"{where}: {'' if isinstance(error, FlowError) else type(error).__name__ + ': '}{said}".split())
