"""The carrier's REST interface: here and in `ivr.twiml`, and nowhere else, is Twilio's library known."""
