"""Answers that are kept: the same words as a new one, and never another call's."""

from ivr.documents import Kept


def test_a_document_is_kept_until_what_it_is_made_of_changes():
    kept, words = Kept(), ({"company": "Acme"}, None)
    kept.keep("menu", "<Response/>", words)
    assert kept.find("menu", words) == "<Response/>"
    assert kept.find("other", words) is None
    assert kept.find("menu", ({"company": "Acme"}, None)) is None  # renewed, whether or not it says the same
    assert kept.find("menu", words) is None
