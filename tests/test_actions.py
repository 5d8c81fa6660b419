"""The business steps, with an account system in memory: what each outcome means."""

from dataclasses import replace
from datetime import date

import pytest
from databases import FakeClock
from puppets import DIRECTORY

from ivr.accounts import Account, Plan
from ivr.actions.buying import Team, team_size
from ivr.actions.changes import (
    Changed,
    Renewal,
    Trial,
    Undo,
    cancel_trial,
    keep_trial,
    review_renewal,
    review_trial,
    review_undo,
    turn_off_renewal,
    turn_on_renewal,
)
from ivr.actions.proof import (
    PinTries,
    Recognised,
    check_pin,
    claim_account,
    forget_account,
    recognise,
    tries_left,
)
from ivr.call import Call, Proof
from ivr.memory_accounts import MemoryAccounts
from ivr.pins import PinResult, PinTry
from ivr.service_errors import ServiceError
from ivr.services import Services

TODAY = FakeClock().today()
TRIAL = Account("t", "70000011", "Ann", Plan.TRIAL, trial_ends_on=date(2027, 3, 13))
OVER = Account("o", "70000015", "Eli", Plan.TRIAL, trial_ends_on=date(2027, 3, 4))
PAID = Account("p", "70000051", "Wes", Plan.ANNUAL, paid_through=date(2027, 9, 17), auto_renew=True)
LAPSED = Account("l", "70000056", "Bea", Plan.MONTHLY, paid_through=date(2027, 2, 1))
STRANGER = Call("CA1", "+14155550199", "+18005550100")


class AnyPin:
    """Takes 204816 for every account, and notes what was tried; the tries of CA9, and of one number, are spent."""

    def __init__(self):
        self.tried = []

    def check(self, attempt, pin):
        self.tried.append(attempt)
        return PinResult.CORRECT if pin == "204816" and attempt.account_id else PinResult.WRONG

    def spent(self, call_sid, caller):
        return call_sid == "CA9" or caller == "+14155550190"


@pytest.fixture
def services():
    accounts = [(account, "204816") for account in (TRIAL, OVER, PAID, LAPSED)]
    phones = {"+14155550111": ["t"], "+14155550122": ["t", "p"], "anonymous": ["t"]}
    return Services(MemoryAccounts(accounts, phones), AnyPin(), FakeClock(), DIRECTORY)


def proved(account: Account, turn: int = 1) -> Call:
    return replace(STRANGER, account_id=account.id, account_number=account.number, turn=turn)


@pytest.mark.parametrize(
    ("digits", "team"),
    [("1", Team.SMALL), ("5", Team.SMALL), ("6", Team.LARGE), ("99999", Team.LARGE), ("000", Team.NONE)],
)
def test_up_to_five_organizers_buy_online(digits, team, services):
    assert team_size(STRANGER, services, digits)[0] is team


@pytest.mark.parametrize(
    ("caller", "outcome"),
    [
        ("+14155550111", Recognised.ONE),
        ("+14155550199", Recognised.NONE),
        ("+14155550122", Recognised.NONE),  # two accounts: which one is not ours to guess
        ("anonymous", Recognised.NONE),
    ],
)
def test_a_caller_is_recognised_by_one_account_alone(caller, outcome, services):
    recognised, call = recognise(replace(STRANGER, caller=caller), services)
    assert recognised is outcome
    assert (call.claim, call.facts) == (("t", {"ending": "11"}) if outcome is Recognised.ONE else (None, {}))
    assert call.account_id is None, "recognised is not proved"


@pytest.mark.parametrize(("digits", "claim"), [("70000011", "t"), ("99999999", None)])
def test_claiming_an_account_tells_nothing_and_keeps_no_digits(digits, claim, services):
    outcome, call = claim_account(STRANGER, services, digits)
    assert (outcome.name, call.claim) == ("TAKEN", claim)
    assert digits not in repr(call)


def test_a_new_claim_replaces_the_one_before(services):
    _, call = claim_account(replace(STRANGER, claim="t"), services, "99999999")
    assert call.claim is None


def test_the_right_pin_makes_it_the_callers_account(services):
    result, call = check_pin(replace(STRANGER, claim="t"), services, "204816")
    assert result is PinResult.CORRECT
    assert (call.account_id, call.account_number) == ("t", "70000011")


@pytest.mark.parametrize(("claim", "pin"), [("t", "111999"), (None, "204816")])
def test_a_wrong_pin_or_an_unknown_account_does_not(claim, pin, services):
    result, call = check_pin(replace(STRANGER, claim=claim), services, pin)
    assert result is PinResult.WRONG
    assert call.account_id is None


# Tries are counted by account, by call and by caller, and a webhook that comes twice is one try: all four go along.
def test_a_try_names_the_account_the_caller_the_call_and_the_turn(services):
    check_pin(replace(STRANGER, claim="t", turn=4), services, "111999")
    assert services.pins.tried == [PinTry("t", "+14155550199", "CA1", "CA1/4")]


@pytest.mark.parametrize(
    ("who", "tries"),
    [({}, PinTries.LEFT), ({"sid": "CA9"}, PinTries.SPENT), ({"caller": "+14155550190"}, PinTries.SPENT)],
)
def test_tries_are_used_up_by_a_call_or_by_a_callers_number(who, tries, services):
    assert tries_left(replace(STRANGER, **who), services)[0] is tries


def test_an_account_is_let_go_of_with_its_proof(services):
    call = replace(proved(TRIAL), claim="t", proof=Proof.PIN)
    _, forgotten = forget_account(call, services)
    assert (forgotten.proof, forgotten.claim, forgotten.account_id) == (Proof.NONE, None, None)


@pytest.mark.parametrize(
    ("account", "trial", "renewal"),
    [
        (TRIAL, Trial.RUNNING, Renewal.NONE),
        (OVER, Trial.OVER, Renewal.NONE),
        (PAID, Trial.NONE, Renewal.ON),
        (LAPSED, Trial.NONE, Renewal.LAPSED),
    ],
)
def test_what_can_be_done_depends_on_the_account(account, trial, renewal, services):
    assert review_trial(proved(account), services)[0] is trial
    assert review_renewal(proved(account), services)[0] is renewal
    assert review_undo(proved(account), services)[0] is Undo.NOTHING


# What is read back before a change: the day it takes effect, and, of a paid plan, what is paid for.
@pytest.mark.parametrize(
    ("account", "review", "told"),
    [
        (TRIAL, review_trial, {"ends_on": "2027-03-13"}),
        (OVER, review_trial, {"ends_on": "2027-03-04"}),
        (PAID, review_renewal, {"ends_on": "2027-09-17", "plan": "annual"}),
        (LAPSED, review_renewal, {"ends_on": "2027-02-01", "plan": "monthly"}),
    ],
)
def test_the_last_day_and_the_plan_are_read_back(account, review, told, services):
    assert review(proved(account), services)[1].facts == told


@pytest.mark.parametrize(
    ("account", "review", "outcome"),
    [
        (replace(TRIAL, trial_ends_on=TODAY), review_trial, Trial.RUNNING),
        (replace(PAID, paid_through=TODAY), review_renewal, Renewal.ON),
    ],
)
def test_a_trial_and_a_plan_last_to_the_end_of_their_last_day(account, review, outcome, services):
    services = replace(services, accounts=MemoryAccounts([(account, "204816")]))
    assert review(proved(account), services)[0] is outcome


def test_a_trial_is_cancelled_and_taken_back(services):
    changed, call = cancel_trial(proved(TRIAL, turn=1), services)
    assert changed is Changed.DONE
    assert len(call.facts["code"]) == 6
    trial, again = review_trial(proved(TRIAL, turn=2), services)
    assert (trial, again.facts["code"]) == (Trial.CANCELLED, call.facts["code"])
    assert review_undo(call, services)[0] is Undo.TRIAL
    assert keep_trial(proved(TRIAL, turn=2), services)[0] is Changed.DONE
    assert review_trial(call, services)[0] is Trial.RUNNING


def test_renewal_is_turned_off_and_on_again(services):
    changed, call = turn_off_renewal(proved(PAID, turn=1), services)
    assert changed is Changed.DONE
    renewal, again = review_renewal(proved(PAID, turn=2), services)
    assert (renewal, again.facts["code"]) == (Renewal.OFF, call.facts["code"])
    assert review_undo(proved(PAID), services)[0] is Undo.RENEWAL
    assert turn_on_renewal(proved(PAID, turn=2), services)[0] is Changed.DONE
    assert review_renewal(proved(PAID), services)[0] is Renewal.ON


@pytest.mark.parametrize(
    ("account", "review", "outcome"),
    [
        (replace(TRIAL, id="e", cancels_at_trial_end=True), review_trial, Trial.CANCELLED_ELSEWHERE),
        (replace(PAID, id="e", auto_renew=False), review_renewal, Renewal.OFF_ELSEWHERE),
    ],
)
def test_what_was_cancelled_elsewhere_is_not_ours_to_take_back(account, review, outcome, services):
    services = replace(services, accounts=MemoryAccounts([(account, "204816")]))
    assert review(proved(account), services)[0] is outcome
    assert review_undo(proved(account), services)[0] is Undo.NOTHING


@pytest.mark.parametrize(
    ("account", "review"),
    [(replace(TRIAL, trial_ends_on=None), review_trial), (replace(PAID, paid_through=None), review_renewal)],
)
def test_an_account_without_its_last_day_is_trouble_and_no_answer(account, review, services):
    services = replace(services, accounts=MemoryAccounts([(account, "204816")]))
    with pytest.raises(ServiceError, match="has no last day"):
        review(proved(account), services)


def test_the_same_turn_twice_is_one_change_with_one_code(services):
    assert cancel_trial(proved(TRIAL), services) == cancel_trial(proved(TRIAL), services)


def test_a_change_remembers_the_call_and_the_turn_that_made_it(services):
    cancel_trial(proved(TRIAL, turn=5), services)
    change = services.accounts.get("t").last_change
    assert (change.call_sid, change.key) == ("CA1", "CA1/5")


def test_a_change_that_no_longer_fits_is_refused_and_the_caller_hears_how_it_is_now(services):
    cancel_trial(proved(TRIAL, turn=1), services)  # meanwhile, in another call
    assert cancel_trial(proved(TRIAL, turn=2), services)[0] is Changed.REFUSED


def test_nothing_is_done_for_a_caller_who_has_proved_nothing(services):
    with pytest.raises(ServiceError, match="before the caller had proved"):
        cancel_trial(replace(STRANGER, claim="t"), services)


def test_an_account_that_is_gone_is_trouble_and_no_answer(services):
    with pytest.raises(ServiceError, match="account x is gone"):
        review_trial(replace(STRANGER, account_id="x"), services)
