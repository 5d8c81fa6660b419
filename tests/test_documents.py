"""Answers that are kept: the same words as a new one, never another call's, and none whose sound is gone."""

from ivr.documents import Document, Kept


def test_a_document_is_kept_until_what_it_is_made_of_changes():
    kept, words = Kept(), ({"company": "Acme"}, None)
    kept.keep("menu", Document("<Response/>"), words)
    assert kept.find("menu", words) == "<Response/>"
    assert kept.find("other", words) is None
    assert kept.find("menu", ({"company": "Acme"}, None)) is None  # renewed, whether or not it says the same
    assert kept.find("menu", words) is None


def test_a_document_whose_sound_is_gone_is_not_given(tmp_path):
    kept, clip = Kept(), tmp_path / "menu.wav"
    clip.touch()
    kept.keep("menu", Document("<Response/>", (str(clip),)), ())
    assert kept.find("menu", ()) == "<Response/>"
    clip.unlink()
    assert kept.find("menu", ()) is None
