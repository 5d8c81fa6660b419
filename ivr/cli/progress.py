"""How a rendering shows itself."""

from typing import Self

from rich import progress
from rich.console import Console


class Progress:
    """A progress bar on a terminal, lines of text elsewhere; both on standard error."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = progress.Progress(
            *(progress.TextColumn("Rendering prompts"), progress.BarColumn()),
            *(progress.MofNCompleteColumn(), progress.TimeRemainingColumn()),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, visible=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def waiting(self) -> None:
        """Say that another process is at work."""
        self.trouble("Another process is rendering; waiting for it.")

    def begins(self, clips: int) -> None:
        """Show how much there is to do."""
        self._bar.update(self._task, total=clips, visible=True)
        if not self._console.is_terminal:
            self.trouble(f"Rendering {clips} {'prompt' if clips == 1 else 'prompts'}.")

    def tried(self) -> None:
        """Show that one is done."""
        self._bar.advance(self._task)

    def trouble(self, line: str) -> None:
        """Print a line above the bar."""
        plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
        self._console.print(plain, markup=False, highlight=False, emoji=False, soft_wrap=True)
