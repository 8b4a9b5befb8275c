"""Many flows in one text."""

from flows.exchange.documents import read_documents
from flows.model.errors import FlowInvalid

ONE = "id: one\nnamespace: a\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.log.Log\n    message: m\n"
TWO = ONE.replace("one", "two")


def test_each_document_keeps_its_own_text():
    texts = [text for text, _ in read_documents(f"{ONE}---\n# second\n{TWO}")]
    assert texts == [ONE, f"# second\n{TWO}"]


def test_empty_documents_are_left_out():
    assert [parsed.flow.id for _, parsed in read_documents(f"---\n{ONE}---\n\n---\n{TWO}---\n")] == ["one", "two"]


def test_one_that_is_broken_does_not_hide_the_others():
    first, second = [outcome for _, outcome in read_documents(f"id: [\n---\n{TWO}")]
    assert isinstance(first, FlowInvalid)
    assert second.flow.id == "two"


def test_lines_count_from_the_document_they_stand_in():
    broken = TWO.replace("message", "mesage")
    _, outcome = list(read_documents(f"{ONE}---\n{broken}"))[1]
    assert outcome.violations[0].line in (6, 7)
