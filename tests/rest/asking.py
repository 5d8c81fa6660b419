"""What the tests ask of the carrier, and the number they ask it for."""

TO, FROM = "+14155550123", "+18005550100"
CALL = {
    "to": TO,
    "from_": FROM,
    "url": "https://line.example.com/voice/out",
    "fallback": "https://line.example.com/voice/fallback",
    "status_callback": "https://line.example.com/voice/status",
    "ring_s": 25,
}
TEXT = {"to": TO, "from_": FROM, "body": "We called you back."}
SID = "CA" + f"{0:032x}"
