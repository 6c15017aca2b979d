"""A message that may have arrived is sent again as it was, whatever has fallen due in the meantime."""

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
