"""Heard against meant: what counts as the same words, and what does not."""

import pytest

from ivr.audio.heard import distance, holds, normalise, word_errors

SAME = [
    ("To hear that again, press 1.", "to hear that again. Press one."),
    ("press star and then pound", "press * and then #"),
    ("press 2", "press to"),
    ("4 8 2, 9 1 3", "482-913."),
    ("4 8 2, 9 1 3", "482,913"),
    ("4 8 2, 9 1 3", "four eight two nine one three"),
    ("4 8 2, 9 1 3", "for 82 913"),
    ("1, 8 0 0, 2 6 3, 6 3 1 7", "1-800-263-6317"),
    ("1, 8 0 0, 2 6 3, 6 3 1 7", "1 (800) 263-6317"),
    ("Friday, March fifth, 2027", "Friday, March 5th, 2027."),
    ("Friday, March fifth, 2027", "Friday March 5, 2027"),
    ("Friday, March fifth, 2027", "Friday, March fifth, twenty twenty-seven"),
    ("July twenty-first", "July 21st"),
    ("December thirtieth", "December 30th"),
    ("May twelfth", "May 12th"),
    ("forty-nine dollars", "$49"),
    ("forty-nine dollars", "$49.00"),
    ("one dollar", "$1"),
    ("two hundred fourteen dollars and fifty cents", "$214.50"),
    ("two hundred fourteen dollars and five cents", "$214.05"),
    ("fifty-six cents", "$0.56"),
    ("five dollars and one cent", "$5 and $1 cent"),
    ("the wait is", "the weight is"),
    ("one cent", "1¢"),
    ("twelve thousand one dollars", "$12,001"),
    ("nine hundred fifty dollars", "$950 dollars"),
    ("twelve thousand two hundred fourteen dollars", "$12,214"),
    ("ninety-nine thousand nine hundred dollars and one cent", "$99,900.01"),
    ("forty-two minutes", "42 minutes"),
    ("GoToMeeting", "go to meeting"),
    ("GoToMeeting", "Go-To-Meeting"),
    ("Visa, MasterCard", "visa master card"),
    ("Log in on the website", "login on the web site"),
    ("toll-free numbers", "toll free numbers"),
    ("I'm sorry, I can't", "I am sorry, I cannot"),
    ("isn't, won't, you'll, let's", "is not, will not, you will, let us"),
    ("it\N{RIGHT SINGLE QUOTATION MARK}s your trial", "it is you're trial"),
    ("already cancelled", "already canceled"),
    ("All right", "Alright"),
    ("", "..."),
]
DIFFERENT = [
    ("press 1", "press 2", 1 / 2),
    ("ending in 0 0 1 1", "ending in 0 0 1", 1 / 6),
    ("Friday, March fifth", "Friday, March 15th", 1 / 3),
    ("March eighteenth", "March 8", 1 / 2),
    ("fourteen dollars", "$40", 2 / 3),
    ("the My Account page", "my account page", 1 / 4),
    ("You can't cancel", "You can cancel", 1 / 4),
    ("Goodbye", "", 1.0),
]


@pytest.mark.parametrize(("meant", "heard"), SAME)
def test_another_spelling_of_the_same_words_is_no_error(meant, heard):
    assert word_errors(meant, heard) == 0, (normalise(meant), normalise(heard))


@pytest.mark.parametrize(("meant", "heard", "errors"), DIFFERENT)
def test_other_words_are_errors(meant, heard, errors):
    assert word_errors(meant, heard) == pytest.approx(errors), (normalise(meant), normalise(heard))


@pytest.mark.parametrize(
    ("heard", "there"),
    [
        ("Your confirmation code is 4-8-2, 9-1-3. Once more", True),
        ("for 82 913", True),
        ("Your confirmation code is 4829133.", False),
        ("Your confirmation code is 5 482913.", False),
        ("Your confirmation code is 482931.", False),
        ("Your confirmation code is 482. And 913.", False),
        ("code is 482913 to hear that again", True),
        ("", False),
    ],
)
def test_a_code_is_there_only_as_a_whole_and_alone(heard, there):
    assert holds(heard, "4 8 2, 9 1 3") is there


def test_a_date_is_there_however_it_is_written():
    assert holds("It ends on Friday March 5, 2027 and nothing", "Friday, March fifth, 2027")
    assert not holds("It ends on Friday March 15, 2027 and nothing", "Friday, March fifth, 2027")


def test_one_word_written_as_two_costs_nothing_and_other_words_one_each():
    assert distance(["log", "in"], ["login"]) == 0
    assert distance(["website"], ["web", "site"]) == 0
    assert distance(["a", "b", "c"], ["a", "x", "c", "d"]) == 2
