"""What a burst offers to whom it is too much."""

from paperwire.core.messages.calmer import calmer_buttons, calmer_lines, fewer_button
from paperwire.texts import ENGLISH


def words(lines):
    return " ".join(span.text for line in lines for span in line)


def test_counts_are_those_of_the_burst_and_of_what_would_come_instead():
    text = words(calmer_lines(183, 19, 10, ENGLISH))
    assert "183 papers came in 19 messages." in text
    assert "The best 10 a day come in 1 message, with links to the other 173." in text
    assert "The best 10 a day come in 2 messages, with links to the other 90." in words(
        calmer_lines(100, 20, 5, ENGLISH)
    )


def test_actions_name_the_subscriptions_and_fit_a_button():
    numbers = [123456789012345, 2, 3]
    rows = calmer_buttons(numbers, ENGLISH)
    actions = [button.action for row in rows for button in row]
    assert actions == [f"{verb}:123456789012345,2,3" for verb in ("calm:daily", "calm:best", "narrow", "mutes")]
    assert fewer_button(numbers, ENGLISH).action == "fewer:123456789012345,2,3"
    assert max(map(len, actions)) <= 64
