"""Files that are no recordings, or far more than one: what an upload at the console comes to."""

import struct
import wave
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from ivr.audio import segments
from ivr.audio.recordings import MOST_SECONDS, RecordingError, check_file
from ivr.audio.segments import read_any

DECODED_MAX = 7_000_000  # a minute at 48 kHz, in 16 bits, and one channel


def wav(channels, rate, seconds, width=1):
    told = BytesIO()
    with wave.open(told, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(channels * rate * seconds * width))
    return told.getvalue()


def zipped():
    told = BytesIO()
    with ZipFile(told, "w", ZIP_DEFLATED) as file:
        file.writestr("x.wav", bytes(10_000_000))
    return told.getvalue()


def claiming(size):
    return b"RIFF" + struct.pack("<I", size) + wav(1, 8000, 1)[8:40] + struct.pack("<I", size) + bytes(100)


FILES = {
    "a picture": b"GIF89a" + bytes(500),
    "a page": b"<html><script>alert(1)</script></html>",
    "a page that says it is a sound": b"RIFF\x24\x00\x00\x00WAVE<script>alert(1)</script>",
    "a zip that is much more": zipped(),
    "a list of other files": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a list to be put together": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "a sound that claims four gigabytes": claiming(2**32 - 1),
    "a sound of nothing": wav(1, 8000, 0),
    "nothing": b"",
    "an hour": wav(1, 100, 3600),
    "sixty-four channels": wav(64, 1000, 60),
    "two hundred channels": wav(200, 100, 60),
}


@pytest.mark.parametrize("title", FILES)
def test_what_is_no_recording_is_refused_or_bounded(tmp_path, monkeypatch, title):
    decoded, run = [], segments.subprocess.run

    def measuring(*given, **more):
        done = run(*given, **more)
        decoded.append(len(done.stdout))
        return done

    monkeypatch.setattr(segments.subprocess, "run", measuring)
    path = tmp_path / "upload"
    path.write_bytes(FILES[title])
    try:
        sound = read_any(path, check_file(path), MOST_SECONDS)
    except (RecordingError, ValueError):
        sound = None
    assert sound is None or sound.duration_seconds <= MOST_SECONDS
    assert sum(decoded) < DECODED_MAX
