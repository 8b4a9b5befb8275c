"""What the endpoints of the stores take and give, for the API's description."""

from __future__ import annotations

from control_plane.kernel.api.answers import PagedResults
from control_plane.kernel.api.schema import NOTHING, PAGED, TEXT, Parameter, describe
from stores.api import answers
from stores.api.kv import Keys, KvView
from stores.api.secrets import SecretMeta, SecretValue, SecretView

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
