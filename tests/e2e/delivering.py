"""Papers on their way into the chats of a conversation: announced, matched and delivered at once."""

from conversation_world import paper

from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching


class Announcer:
    """Announces papers, and has those that match sent to all places of both platforms."""

    def __init__(self, conversation):
        self._conversation = conversation
        self._number = 0
        store, clock = conversation.store, conversation.clock
        self._matching = Matching(store, now=clock, next_slot=lambda *_: None)
        self.delivery = Delivery(store, conversation.context.channels, owner="one", now=clock, hold=Hold(store))

    async def announce(self, *titles, **about):
        """Papers with these titles, announced a minute after all that was before; how many messages went out."""
        self._conversation.clock.advance(seconds=60)
        papers = []
        for title in titles:
            self._number += 1
            papers.append(paper(self._number, title, **about))
        await self._conversation.record(*papers)
        return await self.deliver()

    async def deliver(self):
        """Match and send what is due."""
        await self._matching.run()
        return sum([await self.delivery.run(kind) for kind in ("telegram", "discord")])
