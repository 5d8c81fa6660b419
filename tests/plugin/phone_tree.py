"""A classic phone tree in plain Flask: a menu, an answer, a person."""

from flask import Flask, Response, request

PLANETS = {"1": "Brodo Asogi", "2": "Dagobah"}
PERSON = "+15005550006"


def twiml(body):
    return Response(f"<Response>{body}</Response>", mimetype="text/xml")


def create_app():
    app = Flask(__name__)

    @app.post("/voice")
    def welcome():
        menu = " ".join(f"For {planet}, press {key}." for key, planet in PLANETS.items())
        return twiml(
            f"<Gather action='/menu' numDigits='1'><Say>Welcome to Planet Phone. {menu} To talk to us, press 0.</Say>"
            "</Gather><Say>We didn't hear you.</Say><Redirect>/voice</Redirect>"
        )

    @app.post("/menu")
    def menu():
        key = request.form["Digits"]
        if key == "0":
            return twiml(f"<Say>One moment.</Say><Dial action='/dialled'>{PERSON}</Dial>")
        if key in PLANETS:
            return twiml(f"<Say>{PLANETS[key]} it is. Your ticket is 4 8 2, 9 1 3.</Say><Hangup/>")
        return twiml("<Say>There is no such planet.</Say><Redirect>/voice</Redirect>")

    @app.post("/dialled")
    def dialled():
        met = request.form["DialCallStatus"] == "completed"
        return twiml("<Say>Good to talk to you.</Say>" if met else "<Say>Nobody is there. Goodbye.</Say>")

    @app.post("/sorry")
    def sorry():
        return twiml("<Say>We are sorry.</Say>")

    return app


app = create_app()
