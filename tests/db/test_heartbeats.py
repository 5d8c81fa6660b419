from ivr.cli.go_on import Loop, go_on
from ivr.db.heartbeats import Heart, heartbeats


def test_a_process_is_heard_of_when_it_has_done_its_work(engine, clock):
    passes = []

    def work():
        passes.append(len(passes))
        if len(passes) == 1:
            raise ValueError("a bad pass")
        if len(passes) > 2:
            raise KeyboardInterrupt

    def beat():
        heart.beat()
        assert len(passes) > 1, "a pass that fails is no sign of life"

    heart = Heart(engine, clock, "texts send")
    go_on(Loop("tests", work, poll_s=0, trouble_s=0, beat=beat))
    assert heartbeats(engine) == {"texts send": clock.now()}


# Twice a minute is enough, and each process has a row of its own.
def test_a_heart_that_has_just_beaten_writes_nothing(engine, clock):
    one, other = Heart(engine, clock, "texts send"), Heart(engine, clock, "waiting serve")
    one.beat()
    other.beat()
    first = clock.now()
    clock.passes(minutes=1)
    one.beat()
    assert heartbeats(engine) == {"texts send": first, "waiting serve": first}
    Heart(engine, clock, "texts send").beat()
    assert heartbeats(engine)["texts send"] == clock.now()
