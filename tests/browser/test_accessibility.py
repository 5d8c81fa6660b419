"""WCAG 2.2 AA, as far as a program can tell: axe-core finds nothing serious on the page, in no state of it."""

import pytest

pytestmark = pytest.mark.slow
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def findings(page):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 only where there is a browser

    page.emulate_media(reduced_motion="reduce")  # a colour that is just changing is no finding
    violations = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{found['impact']} {found['id']}: {node['html'][:150]}"
        for found in violations
        for node in found["nodes"]
        if found["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_finding_before_during_and_after_a_call(open_page, tmp_path, scheme, width):
    tester = open_page(color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    assert findings(tester.page) == []
    tester.set("#account", "70000011")
    tester.set("#fault", "error")
    tester.calls()
    tester.sees("technical problem")
    tester.comes_to("ended")
    assert findings(tester.page) == []
    (tmp_path / "a.call").write_text("caller\nhears Thanks\nhears nothing\npresses 5\n")
    tester.page.set_input_files("#file", tmp_path / "a.call")
    tester.page.click("#replay-all")
    tester.sees("hears nothing", "#replay")
    tester.page.locator("#replay .failed").wait_for()
    assert findings(tester.page) == []
    tester.hangs_up()
