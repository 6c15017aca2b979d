"""The calendar of a place's meetings, under an address that only its people were given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paperwire.commands.calendar import published
from paperwire.feeds.calendar import MEDIA_TYPE
from paperwire.texts import gettext_noop
from paperwire.web.edge import Named
from paperwire.web.http import UNLISTED, Payload, Ready
from paperwire.web.problems import Refused, in_words

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from paperwire.commands.context import Context

_CACHE = "private, max-age=300"
_no_calendar = in_words(
    gettext_noop("No calendar has this address. Send /agenda in your chat and press Add to calendar.")
)


@dataclass(frozen=True, slots=True)
class CalendarPages:
    """Answers the programs that follow a calendar."""

    context: Context

    def routes(self) -> list[Named]:
        return [Named("/calendar/{token}.ics", self.show)]

    async def show(self, request: Request) -> Response:
        """One calendar; a forged address and one that was replaced are not there."""
        content = await published(self.context, request.path_params["token"])
        if content is None:
            raise Refused(404, _no_calendar)
        return Ready(Payload(content, f"{MEDIA_TYPE}; charset=utf-8", cache=_CACHE), extra=(UNLISTED,))
