"""The flows: whether all of them can be loaded, and lead somewhere."""

from ivr import written
from ivr.bootstrap import Answerline
from ivr.doctor.findings import Findings, broken
from ivr.doctor.patient import Patient
from ivr.lint import Issue, lint


def flow_issues(line: Answerline) -> list[Issue]:
    """Return every problem of a line's flows."""
    services = line.conversation.engine.services
    names = [*services.directory, *services.departments.current()]
    issues = lint(line.line, names, list(line.voice.speech.fixed))
    return issues + [Issue(str(at), problem) for at, problem in written.problems(line.line, line.desk.words)]


def sound(patient: Patient) -> Findings:
    """Flows with problems: callers who come to one are connected to a person, with an apology."""
    if issues := flow_issues(patient.line):
        more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
        yield broken("flows.problem", f"{issues[0]}{more}", "mend it; `flask line lint` lists all there is")
