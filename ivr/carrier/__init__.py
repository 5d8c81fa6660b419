"""The carrier's REST interface: here and in `ivr.twiml`, and nowhere else, is Twilio's library known.

`calls`, `texts`, `recordings`, `numbers`, `account`: what is asked of it; `webhooks`: what a number is. `rest`:
Twilio's client, with bounds and our errors in place of its own. `transport`: how one request is carried, and which may
be made again. `errors`: refusals, in words.
"""
