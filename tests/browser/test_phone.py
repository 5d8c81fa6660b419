"""The tester's phone in a real browser, against a real server."""

import re

import pytest

from ivr.simulator.callfile import ACTS, play

FAULTS = ["down", "slow", "error", "broken"]


def test_keys_by_mouse_are_heard_and_the_call_is_shown_in_words_and_in_twiml(tester):
    tester.calls()
    tester.comes_to("listening")
    tester.presses("5")
    tester.sees("click Edit")
    tester.sees("/voice/main/menu", "#webhooks")
    latest = tester.page.locator("#webhooks details[open]")
    assert latest.locator("tr", has_text="Digits").inner_text().split() == ["Digits", "5"]
    assert re.search(r"<Gather action=.*\n\s+<Say", latest.locator("pre").inner_text())
    assert latest.locator(".x-t").all_inner_texts()[:3] == ["xml", "Response", "Gather"]
    assert re.fullmatch(r"X-Twilio-Signature \S{28}", latest.locator(".signature").inner_text())
    assert re.fullmatch(r"200 · \d+ ms", latest.locator(".answer").inner_text())
    tester.hangs_up()
    tester.sees("you hung up")


@pytest.mark.slow
def test_a_whole_call_by_keyboard_alone(tester):
    page = tester.page
    page.keyboard.press("Enter")
    tester.comes_to("speaking")
    page.keyboard.press("5")
    tester.sees("click Edit")
    page.keyboard.press("Escape")
    tester.comes_to("ended")
    page.focus("#account")
    page.keyboard.press("ArrowDown")
    assert page.inner_text("#account-pin") == "204816"
    assert page.input_value("#from") == "+14155550111"


@pytest.mark.slow
def test_number_keys_can_be_turned_off_and_never_reach_the_line_from_a_field(tester):
    tester.calls()
    tester.comes_to("listening")
    tester.page.fill("#words", "")
    tester.page.type("#words", "55")
    tester.page.uncheck("#number-keys")
    tester.page.keyboard.press("5")
    tester.page.wait_for_timeout(200)
    assert tester.page.locator(".line.presses").count() == 0
    tester.page.focus("[data-key='1']")
    tester.page.keyboard.press("5")
    tester.sees("click Edit")
    tester.hangs_up()


@pytest.mark.slow
def test_a_key_stops_the_voice_at_once(tester):
    page = tester.page
    tester.calls("voice")
    tester.comes_to("speaking")
    tester.until("spoken.length == 1")
    assert "Thanks for calling" in page.evaluate("spoken[0]")
    page.evaluate("voiceEnds = true")
    tester.page.click("#skip")
    tester.until("spoken.length >= 3")
    page.evaluate("voiceEnds = false")
    tester.until("goesOn")
    before = page.evaluate("cancelled")
    after = page.evaluate("(document.querySelector('[data-key=\"5\"]').click(), cancelled)")
    assert after == before + 1, "the voice stops before the line has even heard of the key"
    tester.sees("click Edit")
    tester.hangs_up()
    count = page.evaluate("spoken.length")
    page.wait_for_timeout(300)
    assert page.evaluate("spoken.length") == count


@pytest.mark.slow
def test_a_muted_voice_says_nothing_and_the_call_goes_on(tester):
    page = tester.page
    page.click("#sound")
    assert page.get_attribute("#sound", "aria-pressed") == "false"
    tester.calls("voice")
    tester.comes_to("speaking")
    tester.sees("To try or buy")
    assert page.evaluate("spoken.length") == 0
    tester.hangs_up()


@pytest.mark.slow
def test_a_saved_call_passes_as_a_test(tester, tmp_path, phone, call_acts):
    tester.set("#account", "70000011")
    tester.page.fill("#from", "+14155550199")
    tester.calls()
    for keys in ("3", "1"):
        tester.comes_to("listening")
        tester.presses(keys)
    tester.sees("8 digit account number")
    tester.page.click("#type-number")
    tester.sees("6 digit PIN")
    tester.page.click("#type-pin")
    tester.sees("To change nothing, press 1 and then pound.")
    tester.presses("2")
    tester.presses("#")
    tester.sees("Once more")
    tester.hangs_up()
    path = tester.saves(tmp_path)
    text = path.read_text()
    assert "presses  70000011\n" in text
    assert "presses  204816\n" in text
    assert text.endswith("hangs up\nends     resolved\n")
    play(path, phone, {**ACTS, **call_acts})


@pytest.mark.slow
def test_a_call_hung_up_while_it_rings_passes_as_a_test(tester, tmp_path, phone, call_acts):
    tester.page.click("#sound")
    tester.calls()
    tester.comes_to("listening")
    tester.set("pace", "voice")
    tester.presses("0")
    tester.comes_to("speaking")
    tester.page.click("#skip")
    tester.comes_to("ringing")
    tester.hangs_up()
    path = tester.saves(tmp_path)
    assert "hangs up while ringing\n" in path.read_text()
    play(path, phone, {**ACTS, **call_acts})


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_leads_to_the_fallback_and_a_human(tester, fault):
    tester.set("#fault", fault)
    tester.calls()
    tester.sees("technical problem")
    tester.sees("+18002636317: completed")
    tester.comes_to("ended")
    assert tester.page.locator(".line.error").count() == 1
    assert tester.page.locator("#webhooks", has_text="fallback").count() == 1
    assert tester.page.input_value("#fault") == "", "it was for one webhook"


@pytest.mark.slow
def test_a_call_with_faults_is_saved_and_replayed_with_them(tester, tmp_path, phone, call_acts):
    page = tester.page
    tester.set("#fault", "down")
    tester.calls()
    tester.sees("technical problem")
    tester.comes_to("ended")
    first = tester.saves(tmp_path)
    assert first.read_text().startswith("fault    down\ncaller")
    tester.calls()
    tester.comes_to("listening")
    tester.set("#fault", "error")
    tester.presses("5")
    tester.sees("technical problem")
    tester.comes_to("ended")
    second = tester.saves(tmp_path)
    assert "fault    error\npresses  5\n" in second.read_text()
    for path in (first, second):
        play(path, phone, {**ACTS, **call_acts})
        page.set_input_files("#file", path)
        page.click("#replay-all")
        tester.sees("All lines passed", "#replay-state")
        assert page.locator(".line.error").count() == 1


@pytest.mark.slow
def test_people_react_as_chosen(tester):
    for person in ("#person-2", "#person-3"):
        tester.set(person, "busy")  # whoever took the call would end it before it is hung up
    tester.calls()
    tester.comes_to("listening")
    tester.presses("0")
    tester.sees("+18002636317: busy")
    tester.sees("I'm trying another number")
    tester.hangs_up()


REPLAY = """\
# A question answered.
caller
hears    Thanks for calling
presses  5
hears    click Edit
lacks    technical
hears    no such words
hangs up
ends     informed
account  70000011 seats=1
account  70000011 seats=7
"""


def test_a_file_is_replayed_step_by_step(tester, tmp_path):
    page, file = tester.page, tmp_path / "question.call"
    file.write_text(REPLAY)
    tester.set("pace", "fast")
    page.set_input_files("#file", file)
    tester.sees("Next, line 2: caller", "#replay-state")
    page.click("#replay-step")
    tester.sees("Next, line 3: hears", "#replay-state")
    page.click("#replay-all")
    tester.sees("Next, line 8: hangs up", "#replay-state")
    assert page.locator("#replay .failed").count() == 1
    assert "click Edit" in page.inner_text("#replay .failed .remark")
    page.click("#replay-all")
    tester.sees("2 of 10 lines failed", "#replay-state")
    tester.sees("seats is 1.", "#replay .failed .remark")
    assert page.locator("#replay .done").count() == 8
    page.click("#replay-close")


MOMENTS = """\
called   +18005550142
caller
hangs up
ends     abandoned
caller   70000011
hears    Thanks for ... person
presses  0
hears    connecting you
presses  5 while say
hangs up while ringing
rings    +18002636317
ends     abandoned
"""


@pytest.mark.slow
def test_a_replay_acts_in_moments_that_pass(tester, tmp_path):
    (tmp_path / "moments.call").write_text(MOMENTS)
    tester.set("pace", "fast")
    tester.page.evaluate("voiceEnds = true")
    tester.page.set_input_files("#file", tmp_path / "moments.call")
    tester.page.click("#replay-all")
    tester.sees("All lines passed", "#replay-state")
    assert tester.page.inner_text("#callee") == "+1 800 555 0142"


@pytest.mark.slow
def test_a_file_with_a_mistake_is_refused_with_its_line(tester, tmp_path):
    (tmp_path / "wrong.call").write_text("caller\nshouts loudly\n")
    tester.page.set_input_files("#file", tmp_path / "wrong.call")
    tester.sees("Line 2: no such act as “shouts”.", "#replay-state")


@pytest.mark.slow
def test_the_page_fits_a_narrow_window(open_page):
    tester = open_page(viewport={"width": 320, "height": 700}, has_touch=True, is_mobile=True)
    tester.calls()
    tester.comes_to("listening")
    tester.page.tap("[data-key='5']")
    tester.sees("click Edit")
    assert tester.page.evaluate("document.documentElement.scrollWidth <= 320")
    tester.hangs_up()
