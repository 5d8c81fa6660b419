"""Whose account it is: which one a caller names, and the PIN that proves it is theirs."""

from dataclasses import replace
from enum import Enum, auto

from ivr.accounts import Account
from ivr.actions import Done
from ivr.call import Call, Proof, withheld
from ivr.pins import PinResult, PinTry
from ivr.service_errors import ServiceError
from ivr.services import Services


class PinTries(Enum):
    """Whether this call, and this caller's number, may still try a PIN."""

    LEFT = auto()
    SPENT = auto()


def tries_left(call: Call, services: Services) -> tuple[PinTries, Call]:
    """Look whether the PIN tries of this call, or of this caller's number, are used up."""
    return (PinTries.SPENT if services.pins.spent(call.sid, call.caller) else PinTries.LEFT), call


class Recognised(Enum):
    """Whether the caller's number is on file with exactly one account."""

    ONE = auto()
    NONE = auto()


def recognise(call: Call, services: Services) -> tuple[Recognised, Call]:
    """Offer the account that has this caller's number on file. It saves typing; it proves nothing."""
    known = () if withheld(call.caller) else services.accounts.by_phone(call.caller)
    if len(known) != 1:
        return Recognised.NONE, call
    return Recognised.ONE, replace(call, claim=known[0].id).knows(ending=known[0].number[-2:])


class Claim(Enum):
    """There is one answer only: whether an account exists is never told before the PIN."""

    TAKEN = auto()


def claim_account(call: Call, services: Services, digits: str) -> tuple[Claim, Call]:
    """Remember which account the caller says is theirs: by its id, never by the digits they keyed in."""
    account = services.accounts.find(digits)
    return Claim.TAKEN, replace(call, claim=account.id if account else None)


def check_pin(call: Call, services: Services, digits: str) -> tuple[PinResult, Call]:
    """Check a PIN for the claimed account; a right one makes it the caller's account."""
    result = services.pins.check(PinTry(call.claim, call.caller, call.sid, call.key), digits)
    if result is not PinResult.CORRECT or call.claim is None:
        return result, call
    account = _account(services, call.claim)
    return result, replace(call, account_id=account.id, account_number=account.number)


def forget_account(call: Call, _services: Services) -> tuple[Done, Call]:
    """Let go of the account, and of the proof for it, so that the caller can name another one."""
    return Done.DONE, replace(call, proof=Proof.NONE, claim=None, account_id=None)


def own_account(call: Call, services: Services) -> Account:
    """Read the account that a caller has proved is theirs. Raises: ServiceError where there is none, or it is gone."""
    if call.account_id is None:
        raise ServiceError("an account was asked for before the caller had proved whose it is")
    return _account(services, call.account_id)


def _account(services: Services, account_id: str) -> Account:
    account = services.accounts.get(account_id)
    if account is None:
        raise ServiceError(f"account {account_id} is gone")
    return account
