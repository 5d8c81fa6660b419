"""Those who work at the console."""

from ivr.demo_staff import DEMO_PASSWORD, DEMO_STAFF
from ivr.doctor.findings import Findings, broken, warning
from ivr.doctor.patient import Patient, need_carrier
from ivr.local_secrets import local_secret
from ivr.staff import Role


def admin(patient: Patient) -> Findings:
    """A console that nobody can let anybody into."""
    if not any(one.role is Role.ADMIN and one.disabled_at is None for one in patient.line.staff.everybody()):
        yield broken("staff.admin", "nobody at the console is an admin", "flask staff add NAME --role admin")


def demo(patient: Patient) -> Findings:
    """The demo's colleague, where real callers call."""
    settings = patient.settings
    need_carrier(settings)
    if not (settings.instance_dir / DEMO_PASSWORD.lower()).exists():
        return
    if patient.line.staff.knows(DEMO_STAFF, local_secret(DEMO_PASSWORD, settings.instance_dir)):
        yield warning(
            "staff.demo",
            f"{DEMO_STAFF} may still sign in as an admin with the demo's password",
            f"flask staff password {DEMO_STAFF}",
        )
