"""A message that may have arrived is sent again as it was, whatever has fallen due in the meantime."""

from collections import deque

from paperwire.errors import Retry, Unknown


async def test_a_single_paper_stays_a_message_of_its_own_when_many_more_fall_due(stages):
    await stages.subscribe("1", "study")
    await stages.announce("Study one")
    stages.post.fails["1"].append(Unknown("no answer"))
    await stages.deliver()
    await stages.announce(*(f"Study {number}" for number in range(2, 9)))
    stages.clock.advance(minutes=10)
    await stages.deliver()
    assert stages.post.titles("1") == [["Study one"], [f"Study {number}" for number in range(2, 9)]]


async def test_a_list_stays_the_same_list_when_more_falls_due(stages):
    await stages.subscribe("1", "study", style="list")
    await stages.announce("Study one", "Study two")
    stages.post.fails["1"].append(Retry("down", 1))
    await stages.deliver()
    await stages.announce("Study three")
    stages.clock.advance(minutes=10)
    await stages.deliver()
    assert stages.post.titles("1") == [["Study one", "Study two"], ["Study three"]]


async def test_a_single_paper_has_the_same_key_and_form_on_every_attempt(stages):
    await stages.subscribe("1", "study")
    await stages.announce("Study one")
    seen = []
    send = stages.post.send

    async def spy(to, message):
        seen.append(message)
        return await send(to, message)

    stages.post.send = spy
    stages.post.fails["1"] += [Unknown("no answer"), Retry("down", 1)]
    for _ in range(3):
        await stages.deliver()
        stages.clock.advance(minutes=10)
    assert len(seen) == 3
    assert seen[0] == seen[1] == seen[2]


async def test_parts_of_a_digest_come_again_as_they_were(stages):
    await stages.subscribe("1", "study", cadence="daily 08:00")
    await stages.subscribe("1", "urgent", cadence="instant")
    await stages.announce("Urgent study", *(f"Study {number}" for number in range(1, 14)))
    await stages.deliver()
    stages.clock.advance(days=1)
    seen, send = [], stages.post.send
    outcomes = deque([Retry("down", 1), None, Unknown("no answer"), None])

    async def spy(to, message):
        seen.append(message)
        if error := outcomes.popleft():
            raise error
        return await send(to, message)

    stages.post.send = spy
    for _ in range(3):
        await stages.deliver()
        stages.clock.advance(minutes=10)
    assert [len(message.items) for message in seen] == [10, 10, 3, 3]
    assert seen[0].key == seen[1].key
    assert seen[2].key == seen[3].key
    assert ["Mon 5 Jan" in repr(message.head) for message in seen] == [True] * 4
    assert ["1 paper already sent" in repr(message.foot) for message in seen] == [False, False, True, True]


async def test_a_flood_comes_again_as_the_digest_it_was(stages):
    await stages.subscribe("1", "study")
    await stages.announce(*(f"Study {number}" for number in range(11)))
    stages.clock.advance(hours=7)
    seen, send = [], stages.post.send
    outcomes = deque([Unknown("no answer"), None, None])

    async def spy(to, message):
        seen.append(message)
        if error := outcomes.popleft():
            raise error
        return await send(to, message)

    stages.post.send = spy
    for _ in range(2):
        await stages.deliver()
        stages.clock.advance(minutes=10)
    assert [len(message.items) for message in seen] == [10, 10, 1]
    assert ["14:59" in repr(message.head) for message in seen] == [True, False, False]
    assert ["07:59" in repr(message.head) for message in seen] == [True] * 3


async def test_a_paper_that_changed_meanwhile_is_sent_as_it_reads_now(stages):
    await stages.subscribe("1", "study")
    await stages.announce("Study one")
    stages.post.fails["1"].append(Retry("down", 1))
    await stages.deliver()
    await stages.announce("Study one", abstract="We have found out.")
    stages.clock.advance(minutes=10)
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert message.items[0].abstract == "We have found out."
