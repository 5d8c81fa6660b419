"""Sessions of people, at no cost to webhooks: the carrier has none."""

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class Sessions(SecureCookieSessionInterface):
    """Flask's own; who comes without a cookie gets an empty one before anything is prepared to check it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send a session that anybody has looked at, or written to."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)
