"""A voicemail in an ASGI framework: a greeting, a recording, the choice to record again."""

from contextlib import asynccontextmanager
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route


def twiml(body):
    return Response(f"<Response>{body}</Response>", media_type="text/xml")


async def form(request):
    return {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}


async def greet(request):
    owner = request.query_params.get("owner", "Ann")
    return twiml(f"<Say>This is {owner}'s voicemail.</Say><Record action='recorded' maxLength='60'/>")


async def recorded(request):
    heard = await form(request)
    request.state.messages.append((heard["From"], int(heard["RecordingDuration"])))
    return twiml(
        f"<Gather action='kept' numDigits='1'><Say>{heard['RecordingDuration']} seconds. To record again, press 1. "
        "To keep it, press 2.</Say></Gather>"
    )


async def kept(request):
    if (await form(request))["Digits"] == "1":
        request.state.messages.pop()
        return twiml("<Redirect>voice</Redirect>")
    return twiml(f"<Say>Kept. You are caller {len(request.state.messages)}. Goodbye.</Say>")


def create_app(log):
    @asynccontextmanager
    async def lifespan(_app):
        log.append("opened")
        yield {"messages": []}
        log.append("closed")

    routes = [Route(f"/mail/{view.__name__}", view, methods=["POST"]) for view in (recorded, kept)]
    return Starlette(routes=[Route("/mail/voice", greet, methods=["POST"]), *routes], lifespan=lifespan)
