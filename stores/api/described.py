"""What the endpoints of the stores take and give, for the API's description."""

from __future__ import annotations

from typing import Any, Literal

from control_plane.kernel.api.answers import PagedResults, Uri
from control_plane.kernel.api.schema import BYTES, NOTHING, PAGED, TEXT, Content, Parameter, describe
from stores.api import answers
from stores.api.credentials import CredentialTestView, CredentialView
from stores.api.files import FileView
from stores.api.kv import Keys, KvView
from stores.api.secrets import SecretMeta, SecretValue, SecretView, Tryout

_PATH = Parameter("path", is_required=True)
_FOLDER = Parameter("path")
_FILE = Content(("multipart/form-data",), dict[Literal["fileContent"], bytes])
_BY_NAME = {"credential_name": "name"}
_BY_ID = {"credential_id": "id"}

describe(FileView.read, query=(_PATH, ("revision", int)), answer=BYTES)
describe(FileView.write, query=(_PATH, ("unpack", bool)), body=_FILE, answer=NOTHING)
describe(
    FileView.move,
    query=(Parameter("from", Uri, is_required=True), Parameter("to", Uri, is_required=True)),
    answer=NOTHING,
)
describe(FileView.delete, query=(_PATH,), answer=NOTHING)
describe(FileView.list, query=(_FOLDER,), answer=list[answers.FileAttributes])
describe(FileView.make_folder, query=(_FOLDER,), answer=NOTHING)
describe(FileView.export, answer=BYTES)
describe(FileView.revisions, query=(_FOLDER,), answer=list[answers.NamespaceFileRevision])
describe(
    FileView.delete_revisions,
    query=(_PATH, Parameter("revisions", list[int], is_required=True)),
    answer=answers.RevisionsDeleted,
)
describe(FileView.search, query=(Parameter("q", is_required=True),), answer=list[str])
describe(FileView.stats, query=(_FOLDER,), answer=answers.FileAttributes)

describe(KvView.list, query=PAGED, answer=PagedResults[answers.KVEntry])
describe(KvView.inherited, answer=list[answers.KVEntry])
describe(KvView.read, answer=answers.KVDetail)
describe(
    KvView.put,
    body=TEXT,
    query=(("ttl", str), Parameter("ttl", place="header"), Parameter("description", place="header")),
    answer=NOTHING,
)
describe(KvView.delete, answer=bool)
describe(KvView.delete_many, body=Keys, answer=answers.KeysDeleted)

describe(SecretView.list, query=PAGED, answer=answers.SecretList)
describe(SecretView.inherited, answer=dict[str, list[str]])
describe(SecretView.put, body=SecretValue, answer=list[answers.SecretShown])
describe(SecretView.describe, body=SecretMeta, answer=list[answers.SecretShown])
describe(SecretView.delete, answer=NOTHING)
describe(SecretView.standing, answer=answers.SecretsBackend)
describe(SecretView.tryout, body=Tryout, answer=answers.SecretsTried)

describe(CredentialView.list, query=PAGED, answer=PagedResults[answers.CredentialShown])
describe(CredentialView.list_of_namespace, query=PAGED, answer=PagedResults[answers.CredentialShown])
describe(CredentialView.create, CredentialView.create_in_namespace, body=dict[str, Any], answer=answers.CredentialShown)
describe(CredentialView.inherited, answer=answers.CredentialLevels)
describe(CredentialView.show, answer=answers.CredentialShown, names=_BY_ID)
describe(CredentialView.show_of_namespace, answer=answers.CredentialShown, names=_BY_NAME)
describe(CredentialView.update, body=dict[str, Any], answer=answers.CredentialShown, names=_BY_ID)
describe(CredentialView.update_of_namespace, body=dict[str, Any], answer=answers.CredentialShown, names=_BY_NAME)
describe(CredentialView.delete, answer=NOTHING, names=_BY_ID)
describe(CredentialView.delete_of_namespace, answer=NOTHING, names=_BY_NAME)
describe(CredentialTestView.test, answer=answers.CredentialTested, names=_BY_ID)
describe(CredentialTestView.test_of_namespace, answer=answers.CredentialTested, names=_BY_NAME)
