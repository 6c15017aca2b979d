"""Something is stored for a person whom another process forgets at the same time, in both orders."""

from people_world import ANN, a_person, row_counts, some_papers

from orders_world import BOTH_ORDERS, in_order, stops


@BOTH_ORDERS
@stops(range(1, 6))
async def test_whoever_is_forgotten_meanwhile_is_not_stored_again(store, other, stop, turned):
    ann = await a_person(store, ANN)
    (paper,) = await some_papers(store, 1)
    found = []

    async def save(unit):
        if (person := await unit.people.lock(ann)) is not None:
            found.append(person.number)
            await unit.people.save_paper(person.number, paper)

    async def forget(unit):
        await unit.people.forget(ann)

    await in_order(store, other, stop, save, forget, turned=turned)
    assert found in ([], [ann])
    counts = await row_counts(store)
    assert (counts.get("person", 0), counts.get("account", 0), counts.get("saved", 0)) == (0, 0, 0)
