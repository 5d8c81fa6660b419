"""What goes wrong outside the line: it cannot be reached, it says no, or nobody can say what came of it."""


class ServiceError(Exception):
    """An outside system cannot be reached: the caller is told so and offered a person.

    What was asked of it was not done, and may be tried again later. Its two kinds say otherwise.
    """


class RefusedError(ServiceError):
    """An outside system has understood, and says no: the same request is never made again.

    code: its own error code, like 21610 where a receiver of texts has unsubscribed.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class UnknownOutcomeError(ServiceError):
    """Nobody can say whether it was done: the request went out, and what came back does not tell.

    Whoever asked decides whether twice is better than not at all.
    """
