"""An ear for tests."""


class MadeUpEar:
    """Hears what it is told to, one thing after another. knew: whether it was told what calls are about, each time."""

    def __init__(self, *texts):
        self.texts, self.knew = list(texts), []

    def hear(self, _samples, *, context=True):
        self.knew.append(context)
        return self.texts.pop(0)
