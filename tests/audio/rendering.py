"""A rendering as a process of its own, to be killed or to run twice: rendering.py FOLDER CLIPS."""

import sys
from pathlib import Path

from ivr.audio import piper
from ivr.audio import render as render_module
from ivr.audio.recipe import Sources
from ivr.audio.render import render
from ivr.audio.voice import Voice
from ivr.clip import Clip


class Told:
    """A watcher that writes a line of everything."""

    def waiting(self):
        self.trouble("waiting")

    def begins(self, clips):
        self.trouble(f"begins {clips}")

    def tried(self):
        self.trouble("tried")

    def trouble(self, line):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def hummed(number):
    return [Clip(f"a.{n}", f"Clip number {n}") for n in range(number)]


def hum_voice(folder, identity="a hum"):
    """Return a voice whose model is a file with nothing in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("hum.onnx", "hum.onnx.json"):
        (folder / name).touch()
    return Voice(folder / "hum.onnx", identity)


def main():
    piper.PROGRAM = (sys.executable, str(Path(__file__).with_name("hummer.py")))
    render_module._KEEP_EVERY_S = 0.1
    sources = Sources(Path(sys.argv[1]), "en-US", hum_voice(Path(sys.argv[1])))
    done = render(sources, hummed(int(sys.argv[2])), Told())
    Told().trouble(f"made {done.made}")


if __name__ == "__main__":
    main()
