"""A message that may have arrived is sent again as it was, whatever has fallen due in the meantime."""

from collections import deque

from paperwire.errors import Retry, Unknown


async def test_a_single_paper_stays_a_message_of_its_own_when_many_more_fall_due(scene):
    await scene.subscribe("1", "study")
    await scene.announce("Study one")
    scene.post.fails["1"].append(Unknown("no answer"))
    await scene.deliver()
    await scene.announce(*(f"Study {number}" for number in range(2, 9)))
    scene.clock.advance(minutes=10)
    await scene.deliver()
    assert scene.post.titles("1") == [["Study one"], [f"Study {number}" for number in range(2, 9)]]


async def test_a_list_stays_the_same_list_when_more_falls_due(scene):
    await scene.subscribe("1", "study", style="list")
    await scene.announce("Study one", "Study two")
    scene.post.fails["1"].append(Retry("down", 1))
    await scene.deliver()
    await scene.announce("Study three")
    scene.clock.advance(minutes=10)
    await scene.deliver()
    assert scene.post.titles("1") == [["Study one", "Study two"], ["Study three"]]


async def test_a_single_paper_has_the_same_key_and_form_on_every_attempt(scene):
    await scene.subscribe("1", "study")
    await scene.announce("Study one")
    seen = []
    send = scene.post.send

    async def spy(to, message):
        seen.append(message)
        return await send(to, message)

    scene.post.send = spy
    scene.post.fails["1"] += [Unknown("no answer"), Retry("down", 1)]
    for _ in range(3):
        await scene.deliver()
        scene.clock.advance(minutes=10)
    assert len(seen) == 3
    assert seen[0] == seen[1] == seen[2]


async def test_parts_of_a_digest_come_again_as_they_were(scene):
    await scene.subscribe("1", "study", cadence="daily 08:00")
    await scene.subscribe("1", "urgent", cadence="instant")
    await scene.announce("Urgent study", *(f"Study {number}" for number in range(1, 14)))
    await scene.deliver()
    scene.clock.advance(days=1)
    seen, send = [], scene.post.send
    outcomes = deque([Retry("down", 1), None, Unknown("no answer"), None])

    async def spy(to, message):
        seen.append(message)
        if error := outcomes.popleft():
            raise error
        return await send(to, message)

    scene.post.send = spy
    for _ in range(3):
        await scene.deliver()
        scene.clock.advance(minutes=10)
    assert [len(message.items) for message in seen] == [10, 10, 3, 3]
    assert seen[0].key == seen[1].key
    assert seen[2].key == seen[3].key
    assert ["Mon 5 Jan" in repr(message.head) for message in seen] == [True] * 4
    assert ["1 paper already sent" in repr(message.foot) for message in seen] == [False, False, True, True]


async def test_a_flood_comes_again_as_the_digest_it_was(scene):
    await scene.subscribe("1", "study")
    await scene.announce(*(f"Study {number}" for number in range(11)))
    scene.clock.advance(hours=7)
    seen, send = [], scene.post.send
    outcomes = deque([Unknown("no answer"), None, None])

    async def spy(to, message):
        seen.append(message)
        if error := outcomes.popleft():
            raise error
        return await send(to, message)

    scene.post.send = spy
    for _ in range(2):
        await scene.deliver()
        scene.clock.advance(minutes=10)
    assert [len(message.items) for message in seen] == [10, 10, 1]
    assert ["14:59" in repr(message.head) for message in seen] == [True, False, False]
    assert ["07:59" in repr(message.head) for message in seen] == [True] * 3


async def test_a_paper_that_changed_meanwhile_is_sent_as_it_reads_now(scene):
    await scene.subscribe("1", "study")
    await scene.announce("Study one")
    scene.post.fails["1"].append(Retry("down", 1))
    await scene.deliver()
    await scene.announce("Study one", abstract="We have found out.")
    scene.clock.advance(minutes=10)
    await scene.deliver()
    (message,) = scene.post.arrived["1"]
    assert message.items[0].abstract == "We have found out."
