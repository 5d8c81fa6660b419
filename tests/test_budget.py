"""Seconds to the answer: every topic has a way, and it is as long as what callers must hear on it."""

import pytest

from ivr import flows
from ivr.budget import KEY_S, REACTION_S, WEBHOOK_S, Budget, UnreachableError, budgets, main_menu
from ivr.cli.budget import drift, markdown
from ivr.flow import Flow, Menu, Option, Say
from ivr.line import Line

LINE = flows.line()


def one_second(_prompt):
    return 1.0


def by_topic(line=LINE, seconds=one_second):
    return {row.topic: row for row in budgets(line, seconds)}


def test_each_of_the_ten_topics_is_reached_by_keys():
    assert {row.topic: row.keys for row in budgets(LINE, one_second)} == {
        "Buying for several people": "1 2 3#",
        "Buying for oneself": "1 1",
        "What audio costs": "2 1",
        "Signing up for toll-free numbers": "2 2",
        "Payment types and purchase orders": "1 3",
        "Changing the password": "5",
        "Keeping the service after the trial": "3 2",
        "Cancelling the free trial": "3 1",
        "Cancelling the paid plan": "4 1",
        "Billing questions and refunds": "4 2",
    }


def test_who_calls_for_the_first_time_hears_every_choice_and_then_presses():
    # Greeting, five options and the key for a person, at a second each.
    assert by_topic()["Changing the password"].first_time == pytest.approx(7 + REACTION_S + 2 * WEBHOOK_S)


def test_a_typical_caller_presses_when_the_right_choice_has_been_said():
    # Greeting, two options; then the first option of the next menu.
    row = by_topic()["What audio costs"]
    assert row.typical == pytest.approx(3 + 1 + 2 * REACTION_S + 3 * WEBHOOK_S)


def test_an_expert_presses_at_once():
    row = by_topic()["Buying for several people"]
    assert row.expert == pytest.approx(4 * KEY_S + 4 * WEBHOOK_S)  # 1, 2, 3, #


def test_the_estimate_alone_keeps_every_limit():
    assert main_menu(LINE, one_second) == 6
    assert all(row.is_kept for row in budgets(LINE, one_second))


def test_an_answer_that_no_keys_lead_to_is_an_error():
    shut = Line({**LINE.flows, "audio": Flow("Audio", menu=Menu("", Option("1", "to go on", to="main")))})
    with pytest.raises(UnreachableError, match=r"audio\.cost"):
        by_topic(shut)


def test_what_is_said_before_the_answer_counts_for_everybody():
    plan = LINE.flows["plan"]
    menu = Menu("", Option("1", "to cancel your paid plan", to="first"), Option("2", "for refunds", to="support"))
    slow = Flow(plan.title, menu=menu, first=Say("One moment.", to="cancel"), cancel=plan.nodes["cancel"])
    line = Line({**LINE.flows, "plan": slow})
    assert by_topic(line)["Cancelling the paid plan"].expert == by_topic()["Cancelling the paid plan"].expert + 1


def test_a_table_that_differs_by_seconds_or_by_rows_is_noticed():
    row = Budget("Audio", "2 1", 30.0, 12.0, 2.0)
    told = f"<!-- budget: generated -->\n{markdown([row], 15.0)}\n<!-- /budget -->"
    assert drift(told, markdown([row], 15.0)) == 0
    assert drift(told, markdown([row], 15.4)) == pytest.approx(0.4)
    assert drift(told, markdown([Budget("Audio", "2 2", 30.0, 12.0, 2.0)], 15.0)) == float("inf")
    assert drift("", markdown([row], 15.0)) == float("inf")
