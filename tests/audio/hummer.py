"""Stands in for the voice program: hums each line, as long as it is. The word `crash` ends it, `mute` is silence."""

import argparse
import math
import sys
import time
import wave
from array import array
from pathlib import Path

RATE_HZ = 22_050


def hum(words):
    seconds = 0.2 + 0.05 * len(words)
    loud = 0 if "mute" in words else 9000
    samples, waves = round(seconds * RATE_HZ), RATE_HZ // 10  # a tenth of a second is 44 whole waves
    tenth = array("h", (round(loud * math.sin(2 * math.pi * 440 * n / RATE_HZ)) for n in range(waves)))
    return (tenth * (samples // waves + 1))[:samples].tobytes()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-d", type=Path)
    folder = parser.parse_known_args()[0].d
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent.parent / "spoken.log").open("a") as log:
        for line in sys.stdin:
            if "crash" in line:
                sys.exit("RuntimeError: the model is broken")
            path = folder / f"{time.monotonic_ns()}.wav"
            with wave.open(str(path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE_HZ)
                file.writeframes(hum(line.strip()))
            log.write(line)
            log.flush()
            sys.stderr.write(f"INFO:__main__:Wrote {path}\n")
            sys.stderr.flush()


if __name__ == "__main__":
    main()
