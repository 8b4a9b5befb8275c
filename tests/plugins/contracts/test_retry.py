"""A retry says what it lacks."""

import pytest

from plugins.contracts import Retry

RETRIES = [
    ({"type": "constant", "interval": "PT1S"}, []),
    ({"type": "constant"}, ["must not be null"]),
    ({"type": "constant", "interval": "PT10S", "maxDuration": "PT1S"}, ["'interval' must be less than 'maxDuration' but is PT10S"]),
    ({"type": "constant", "interval": "PT1S", "maxDuration": "PT1S"}, ["'interval' must be less than 'maxDuration' but is PT1S"]),
    ({"type": "exponential", "interval": "PT1S"}, ["must not be null"]),
    ({"type": "exponential", "interval": "PT1S", "maxInterval": "PT3S"}, []),
    ({"type": "exponential", "interval": "PT3S", "maxInterval": "PT3S"}, ["'interval' must be less than 'maxInterval' but is PT3S"]),
    ({"type": "random", "minInterval": "PT1S", "maxInterval": "PT3S", "maxDuration": "PT10S"}, []),
    ({"type": "random", "minInterval": "PT3S", "maxInterval": "PT3S"}, ["'minInterval' must be less than 'maxInterval' but is PT3S"]),
    ({"type": "random", "minInterval": "PT1S", "maxInterval": "PT3S", "maxDuration": "PT2S"}, ["'maxInterval' must be less than 'maxDuration' but is PT3S"]),
    ({"type": "random", "minInterval": "PT2S", "maxInterval": "PT3S", "maxDuration": "PT1S"}, ["'minInterval' must be less than 'maxDuration' but is PT2S"]),
    ({"type": "random"}, ["must not be null", "must not be null"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "messages"), RETRIES)
def test_a_retry_is_told_what_it_lacks(document, messages):
    assert [problem.message for problem in Retry.model_validate(document).problems()] == messages


@pytest.mark.parametrize("word", ["maxAttempts", "maxAttempt"])
def test_the_attempts_of_a_retry_have_two_names(word):
    assert Retry.model_validate({"type": "constant", "interval": "PT1S", word: 3}).max_attempts == 3
