"""Wrong answers, as students write them: each is to be met with a hint of its own."""

from helpers.check import check


def tell_apart(name, answers):
    """Hand in each wrong answer; its message must hold the words given for it, and no other message may."""
    messages = {words: check(name, answer).message for words, answer in answers.items()}
    for words in answers:
        assert [other for other, message in messages.items() if words in message] == [words], messages
    assert not any("\n" in message for message in messages.values()), "a hint, not a report on one input"
