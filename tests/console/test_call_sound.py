"""A caller's message at the console: heard by leads, each time with a row of the audit log, and drawn."""

import array
import struct

import pytest
from desks import leaves_a_message
from sqlalchemy import update

from ivr.audio.wav import BadWavError
from ivr.console.waveform import peaks
from ivr.db.console.audit import entries
from ivr.db.history import list_voicemails
from ivr.db.models.voicemails import VoicemailRow
from ivr.voicemail.storage import Storage


def wav(samples, form=1, bits=16, channels=1):
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, form, channels, 8000,
                       8000 * bits // 8, bits // 8, bits)  # fmt: skip
    return head + b"data" + struct.pack("<I", len(samples)) + samples


RISING = array.array("h", [n * 4 * (-1) ** n for n in range(8000)]).tobytes()


@pytest.fixture
def message(staffed, phone):
    """Leave a message; its sound is here. Returns its addresses' beginning."""
    call = leaves_a_message(phone)
    [kept] = list_voicemails(staffed.database)
    Storage(staffed.settings.voicemail_address).write("one.wav", wav(RISING))
    with staffed.database.begin() as connection:
        connection.execute(update(VoicemailRow).values(stored="one.wav"))
    return f"/console/calls/{call.call_sid}/messages/{kept['id']}"


def test_listening_is_for_leads_and_is_written_down(desk, staffed, message):
    assert desk("staff").get(f"{message}.wav").status_code == 403
    assert entries(staffed.database, act="listened") == []
    sound = desk("lead").get(f"{message}.wav")
    assert (sound.status_code, sound.mimetype, sound.data) == (200, "audio/wav", wav(RISING))
    [entry] = entries(staffed.database, act="listened")
    assert entry.who == "lea"


# A player asks for a file in pieces; who listens once is written down once.
def test_a_file_in_pieces_is_one_row(desk, staffed, message):
    lead = desk("lead")
    assert lead.get(f"{message}.wav", Range="bytes=0-").status_code == 206
    assert lead.get(f"{message}.wav", Range="bytes=4000-").status_code == 206
    assert len(entries(staffed.database, act="listened")) == 1


# Looking at the page is not listening.
def test_the_page_has_a_player_for_leads(desk, staffed, message):
    page, sid = message.partition("/messages")[0], message.split("/")[3]
    assert "<audio" in desk("lead").get(page).text
    assert "<audio" not in desk("staff").get(page).text
    assert "Listening needs the role" in desk("staff").sees(page)
    assert entries(staffed.database, act="listened") == []
    assert sid.startswith("CA")


@pytest.mark.parametrize(
    "path", ["/console/calls/nobody/messages/1", "/console/calls/{sid}/messages/99999999999999999999"]
)
def test_a_message_of_another_call_or_none(desk, message, path):
    path = path.format(sid=message.split("/")[3])
    assert desk("lead").get(f"{path}.wav").status_code == 404
    assert desk("lead").get(f"{path}/peaks").status_code == 404


def test_the_shape_of_a_message(desk, message):
    shape = desk("lead").get(f"{message}/peaks").json["peaks"]
    assert len(shape) == 240
    assert shape == sorted(shape)
    assert shape[-1] == 1.0


# Recordings come as 16-bit PCM or as μ-law of 8 bits; the loudest is 1 in each.
@pytest.mark.parametrize(
    ("form", "bits", "samples"),
    [(1, 16, array.array("h", [0] * 500 + [-32768] * 500).tobytes()), (7, 8, b"\xff" * 500 + b"\x00" * 500),
     (1, 8, b"\x80" * 500 + b"\xff" * 500)],
)  # fmt: skip
def test_formats_of_sound(form, bits, samples):
    assert peaks(wav(samples, form, bits), 4) == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize("content", [b"", b"<html>", wav(b"", 6, 8), wav(RISING)[:100]])
def test_what_cannot_be_drawn(content):
    with pytest.raises(BadWavError):
        peaks(content)


def test_silence_and_a_click_have_a_shape():
    assert peaks(wav(bytes(2000)), 4) == [0.0] * 4
    assert peaks(wav(b"\x01\x00"), 4) == [1.0]
    assert peaks(wav(b""), 4) == []
