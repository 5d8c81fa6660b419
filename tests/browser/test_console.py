"""The console's frame in a browser: theme, menu, keys."""

import pytest


@pytest.mark.slow
def test_the_theme_is_kept(sit_down):
    page = sit_down()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    page.click("#theme")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


@pytest.mark.slow
def test_keys_of_the_keyboard(sit_down):
    page = sit_down()
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    focus = "getComputedStyle(document.querySelector('#shortcuts :focus-visible')).outline"
    assert "solid 3px" in page.evaluate(focus)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"


@pytest.mark.slow
def test_the_menu_of_a_narrow_page(sit_down):
    page = sit_down(viewport={"width": 360, "height": 740})
    assert not page.locator("#menu").is_visible()
    page.click("#menu-button")
    page.locator("#menu a", has_text="Calls").click()
    page.wait_for_url("**/console/calls")


def test_every_page_of_the_menu_opens_without_a_complaint(sit_down):
    page = sit_down("admin")
    for address in [link.get_attribute("href") for link in page.locator("#menu a").all()]:
        page.goto(page.url.split("/console")[0] + address)
        page.wait_for_load_state("networkidle")
        assert page.locator("h1").first.is_visible(), address
