"""What a process knows of itself in tests, and the health of the whole service that follows."""

from typing import Any

from paperwire.core.messages.message import message_of
from paperwire.services.running.health import ProcessState, health
from paperwire.texts import ENGLISH
from paperwire.wording.health import status_lines


def process_of(**given: Any) -> ProcessState:
    """One to which nothing has happened, except for what a test gives."""

    async def no_problem():
        return ""

    usual = {
        "owner": "",
        "started_at": None,
        "troubles": {},
        "database_problem": no_problem,
        "channel_state": lambda channel: channel.state(),
        "elsewhere": frozenset(),
        "needed": frozenset(),
    }
    return ProcessState(**(usual | given))


async def overview(context, **process):
    """What `paperwire status` prints, in lines."""
    message = message_of(*status_lines(await health(context, process_of(**process)), ENGLISH))
    return ["Status", *("".join(span.text for span in line) for line in message.head)]
