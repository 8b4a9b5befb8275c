"""`orrery flows upgrade`: files are rewritten where they stand, flows of a namespace saved as a new revision."""

from contextlib import nullcontext

import pytest

from control_plane.cli import flows
from control_plane.cli import main as cli
from control_plane.kernel.scope import tenant_scope
from tests.cast import make_cast

OLD = "id: f\nnamespace: company\n# asked for\ninputs: [{name: n, type: BOOLEAN}]\ntasks:\n  - {id: l, type: io.kestra.core.tasks.log.Log, message: x}\n"
NEW = OLD.replace("name: n, type: BOOLEAN", "id: n, type: BOOL").replace("core.tasks.log", "plugin.core.log")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text(OLD)
    return path


def answers(monkeypatch, answer):
    monkeypatch.setattr("builtins.input", lambda question: answer)


def test_a_file_is_written_when_told_to(file, capsys):
    assert cli.main(["flows", "upgrade", str(file), "--yes"]) == 0
    assert file.read_text() == NEW
    shown = capsys.readouterr().out
    assert "-inputs: [{name: n, type: BOOLEAN}]" in shown and f"changed: {file}:4: the type BOOLEAN is BOOL" in shown


@pytest.mark.parametrize(("answer", "kept"), [("y", NEW), ("n", OLD), ("", OLD)])
def test_somebody_is_asked_first(file, monkeypatch, answer, kept):
    answers(monkeypatch, answer)
    assert cli.main(["flows", "upgrade", str(file)]) == 0
    assert file.read_text() == kept


def test_what_is_new_already_is_said_to_be(file, capsys):
    file.write_text(NEW)
    assert cli.main(["flows", "upgrade", str(file)]) == 0
    assert capsys.readouterr().out == f"{file} is up to date\n"


def test_what_is_no_flow_is_told_and_stays(file, capsys):
    file.write_text("id: f\n")
    assert cli.main(["flows", "upgrade", str(file), "--yes"]) == 1
    assert "namespace" in capsys.readouterr().err and file.read_text() == "id: f\n"


@pytest.mark.parametrize(
    "said", [[], ["f.yaml", "--namespace", "company"], ["--namespace", "company"], ["nowhere.yaml"]]
)
def test_what_cannot_be_meant_is_refused(said, capsys):
    assert cli.main(["flows", "upgrade", *said]) == 2
    assert capsys.readouterr().err


@pytest.fixture
def namespace(monkeypatch):
    """Acme with one old flow, and the command on its server."""
    from flows.services.saving import create_flow

    monkeypatch.setattr(flows, "as_server", nullcontext)
    cast = make_cast()
    ctx = cast.eddie.context("acme")
    with tenant_scope("acme"):
        create_flow(ctx, source=OLD)
    return ["flows", "upgrade", "--namespace", "company", "--tenant", "acme", "--as"]


def revisions():
    from flows.models import Flow

    with tenant_scope("acme"):
        (flow,) = Flow.objects.filter(namespace="company")
        return flow.revision, flow.source


@pytest.mark.django_db
def test_flows_of_a_namespace_are_saved_as_who_is_named(namespace, capsys):
    assert cli.main([*namespace, "eddie@acme.test", "--yes"]) == 0
    assert revisions() == (2, NEW) and "company.f:4" in capsys.readouterr().out


@pytest.mark.django_db
def test_flows_of_a_namespace_stay_unless_somebody_says_yes(namespace, monkeypatch):
    answers(monkeypatch, "n")
    assert cli.main([*namespace, "eddie@acme.test"]) == 0
    assert revisions() == (1, OLD)


@pytest.mark.django_db
def test_who_may_not_change_flows_saves_none(namespace):
    assert cli.main([*namespace, "vera@acme.test", "--yes"]) == 2
    assert revisions() == (1, OLD)


@pytest.mark.django_db
def test_nobody_acts_who_is_not_known(namespace, capsys):
    assert cli.main([*namespace, "nobody@acme.test", "--yes"]) == 2
    assert "there is no user nobody@acme.test" in capsys.readouterr().err
