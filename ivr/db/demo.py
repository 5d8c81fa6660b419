"""Invented accounts of every kind, to try the line with."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from ivr.accounts import ChangeKind, Plan
from ivr.clock import Clock
from ivr.db.database import lock, reading, writing
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.db.models.pins import PinLockRow, PinTryRow
from ivr.db.pins import IN_TOTAL, PER_ACCOUNT, UNTIL_UNLOCKED
from ivr.pin_hash import PinHasher
from ivr.pins import PinResult

_T, _M, _A = Plan.TRIAL, Plan.MONTHLY, Plan.ANNUAL


class DemoRow(NamedTuple):
    """What somebody who tries the line needs to know of an account."""

    number: str
    pin: str
    name: str
    phone: str
    good_for: str


@dataclass(frozen=True)
class _Demo:
    """days: until the trial or the paid period ends, from the day of loading; negative when it is over.

    renews: False has cancelled on the website. done: what its owner has done by telephone, oldest first.
    """

    number: str
    pin: str
    name: str
    phone: str
    plan: Plan
    days: int
    good_for: str
    seats: int = 1
    renews: bool = True
    done: tuple[ChangeKind, ...] = ()
    wrong_tries: int = 0


_CANCEL, _OFF = (ChangeKind.CANCEL_TRIAL,), (ChangeKind.TURN_OFF_RENEWAL,)
_CANCEL_UNDO = (*_CANCEL, ChangeKind.UNDO_CANCEL_TRIAL)
_OFF_UNDO = (*_OFF, ChangeKind.UNDO_TURN_OFF_RENEWAL)

_DEMO = (
    _Demo("70000011", "204816", "Ann Abbott", "+14155550111", _T, 12, "cancel a free trial"),
    _Demo("70000012", "731940", "Ben Baker", "+14155550112", _T, 29, "a trial that has just begun"),
    _Demo("70000013", "582063", "Cleo Castle", "+14155550113", _T, 1, "a trial that ends tomorrow"),
    _Demo("70000014", "917304", "Dora Dunn", "+14155550114", _T, 0, "a trial that ends today: still time to cancel"),
    _Demo("70000015", "460927", "Eli Ellis", "+14155550115", _T, -1, "a trial that ended yesterday: too late"),
    _Demo("70000016", "385172", "Fay Fisher", "+14155550116", _T, -40, "a trial long over"),
    _Demo("70000017", "640218", "Gus Grant", "+14155550117", _T, 9, "cancelled by phone: undo it", done=_CANCEL),
    _Demo("70000018", "853097", "Hana Hill", "+14155550118", _T, 7, "cancelled and undone", done=_CANCEL_UNDO),
    _Demo("70000019", "274605", "Ivo Ingram", "+14155550119", _T, -3, "cancelled, and over: no undo", done=_CANCEL),
    _Demo("70000020", "", "Joy Jordan", "+14155550120", _T, 14, "no PIN yet: set one with flask accounts set-pin"),
    _Demo("70000021", "596238", "Kim Keller", "+14155550121", _T, 20, "a trial with five seats", seats=5),
    _Demo("70000022", "108473", "Lou Lambert", "+14155550122", _T, 16, "shares a phone with 70000023"),
    _Demo("70000023", "962517", "Mia Lambert", "+14155550122", _M, 18, "shares a phone with 70000022"),
    _Demo("70000024", "480615", "Nia Novak", "+14155550124", _T, 8, "cancelled on the website", renews=False),
    _Demo("70000031", "317086", "Ned Norris", "+12125550131", _M, 11, "turn off renewal of a monthly plan"),
    _Demo("70000032", "845629", "Oda Olsen", "+12125550132", _M, 0, "paid through today: still time"),
    _Demo("70000033", "523901", "Pat Price", "+12125550133", _M, 30, "paid yesterday", seats=3),
    _Demo("70000034", "690384", "Quin Quick", "+12125550134", _M, 13, "renewal is off already", renews=False),
    _Demo("70000035", "471853", "Rae Reed", "+12125550135", _M, 21, "renewal turned off by phone: undo it", done=_OFF),
    _Demo("70000036", "238760", "Sol Stone", "+12125550136", _M, 5, "turned off and on again", done=_OFF_UNDO),
    _Demo("70000037", "756194", "Tess Tate", "+12125550137", _M, -2, "lapsed: not paid since the day before yesterday"),
    _Demo("70000038", "904271", "Uri Underhill", "+12125550138", _M, -95, "lapsed long ago", renews=False),
    _Demo("70000039", "682950", "Vera Vance", "+12125550139", _M, 17, "six seats: sales looks after these", seats=6),
    _Demo("70000051", "539416", "Wes Webb", "+13125550151", _A, 200, "turn off renewal of an annual plan"),
    _Demo("70000052", "815702", "Xena Xavier", "+13125550152", _A, 364, "paid for a whole year", seats=4),
    _Demo("70000053", "267948", "Yan York", "+13125550153", _A, 3, "renews in three days", seats=2),
    _Demo("70000054", "943085", "Zoe Zeller", "+13125550154", _A, 90, "renewal is off already", renews=False),
    _Demo("70000055", "370629", "Abe Archer", "+13125550155", _A, 45, "renewal turned off by phone", done=_OFF),
    _Demo("70000056", "718254", "Bea Bloom", "+13125550156", _A, -10, "lapsed", renews=False),
    _Demo("70000057", "426890", "Cy Cooper", "+13125550157", _A, 150, "twelve seats", seats=12),
    _Demo("70000071", "894137", "Dee Dalton", "+16175550171", _T, 10, "locked for good: flask accounts unlock",
          wrong_tries=IN_TOTAL),
    _Demo("70000072", "651309", "Ed Easton", "+16175550172", _M, 22, "locked for half an hour from loading",
          wrong_tries=PER_ACCOUNT),
    _Demo("70000073", "139572", "Flo Frost", "+16175550173", _A, 80, "one wrong try short of locked",
          wrong_tries=PER_ACCOUNT - 1),
)  # fmt: skip


def demo_table() -> Sequence[DemoRow]:
    """List the demo accounts, with their PINs, for whoever tries the line; nothing else may have them."""
    return [DemoRow(demo.number, demo.pin, demo.name, demo.phone, demo.good_for) for demo in _DEMO]


def load_demo(engine: Engine, hasher: PinHasher, clock: Clock) -> int:
    """Fill an empty database with invented accounts; return how many, 0 where there are accounts already."""
    with reading(engine) as session:
        if _any_account(session):
            return 0
    with ThreadPoolExecutor() as pool:
        hashing = [pool.submit(hasher.hash, demo.number, demo.pin) if demo.pin else None for demo in _DEMO]
        hashes = [future.result() if future else None for future in hashing]
    with writing(engine) as session:
        lock(session, "demo")
        if _any_account(session):
            return 0
        for demo, pin_hash in zip(_DEMO, hashes, strict=True):
            _load(session, demo, pin_hash, clock)
    return len(_DEMO)


def holds_demo(engine: Engine) -> bool:
    """Say whether the demo accounts, whose PINs anybody may read, are in this database."""
    query = select(AccountRow.id).where(
        AccountRow.account_number == _DEMO[0].number, AccountRow.email == _email(_DEMO[0])
    )
    with reading(engine) as session:
        return session.scalar(query) is not None


def _email(demo: _Demo) -> str:
    return f"{demo.name.lower().replace(' ', '.')}@example.com"


def _any_account(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(AccountRow)))


def _load(session: Session, demo: _Demo, pin_hash: str | None, clock: Clock) -> None:
    last_day = clock.today() + timedelta(days=demo.days)
    on_trial = demo.plan is Plan.TRIAL
    row = AccountRow(
        account_number=demo.number,
        pin_hash=pin_hash,
        name=demo.name,
        email=_email(demo),
        phone=demo.phone,
        plan=demo.plan,
        seats=demo.seats,
        trial_ends_on=last_day if on_trial else None,
        paid_through=None if on_trial else last_day,
        auto_renew=demo.renews and not on_trial and demo.done[-1:] != _OFF,
        cancels_at_trial_end=demo.done[-1:] == _CANCEL or (on_trial and not demo.renews),
    )
    session.add(row)
    session.flush()
    first = min(clock.now(), datetime.combine(last_day, time(12), UTC)) - timedelta(days=3)
    session.add_all(_changes(row, demo, first))
    if demo.wrong_tries:
        session.add_all(_tries(row, demo, clock.now()))
        session.flush()
        session.add(_locked(row, demo, clock.now()))


def _changes(row: AccountRow, demo: _Demo, first: datetime) -> list[ChangeRow]:
    changes: list[ChangeRow] = []
    field = "cancels_at_trial_end" if row.plan is Plan.TRIAL else "auto_renew"
    for number, kind in enumerate(demo.done):
        after = (kind is ChangeKind.CANCEL_TRIAL) if row.plan is Plan.TRIAL else kind.undo is None
        sid = f"CAdemo{demo.number}{number}"
        changes.append(
            ChangeRow(
                account_id=row.id,
                code=f"{int(demo.number) * 7 % 900_000 + 100_000 + number}",
                kind=kind,
                at=first + timedelta(hours=number),
                call_sid=sid,
                key=f"{sid}/1",
                undoes=changes[-1].code if kind.undo is None else None,
                before={field: not after},
                after={field: after},
            )
        )
    return changes


def _tries(row: AccountRow, demo: _Demo, now: datetime) -> list[PinTryRow]:
    return [
        PinTryRow(
            key=f"CAdemo{demo.number}t{number}/1",
            call_sid=f"CAdemo{demo.number}t{number}",
            account_id=str(row.id),
            caller_key=None,
            at=now - timedelta(minutes=number),
            checked=True,
            counts_for_caller=True,
            outcome=PinResult.WRONG,
            settled=True,
        )
        for number in range(demo.wrong_tries)
    ]


def _locked(row: AccountRow, demo: _Demo, now: datetime) -> PinLockRow:
    until = {IN_TOTAL: UNTIL_UNLOCKED, PER_ACCOUNT: now + timedelta(minutes=30)}.get(demo.wrong_tries)
    return PinLockRow(account_id=str(row.id), locked_until=until, level=int(until is not None))
