"""Files of a namespace over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.request import Request

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.query import flag, required, text, whole
from control_plane.kernel.api.views import Answer, TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.errors import BadParameter, Invalid, NotFound
from stores.files import services
from stores.files.archives import pack, unpack
from stores.files.contents import check_size, keeping, key_of_content
from stores.files.paths import ROOT, folder_path
from stores.files.queries import entries_in, files_of, get_entry, get_file, get_revision
from stores.models import NamespaceFile, NamespaceFileRevision
from stores.permissions import NAMESPACE_FILE
from stores.storage.place import storage

MOST_FOUND = 1000
_CHUNK = 256 * 1024


class FileView(TenantView):
    """`/namespaces/{namespace}/files...`. A path begins at the topmost folder, with or without a slash."""

    access = {
        "read": NAMESPACE_FILE.VIEW,
        "write": services.put_file,
        "move": services.move_entry,
        "delete": services.delete_entry,
        "list": NAMESPACE_FILE.LIST,
        "make_folder": services.make_folder,
        "export": NAMESPACE_FILE.EXPORT,
        "revisions": NAMESPACE_FILE.VIEW,
        "delete_revisions": services.delete_revisions,
        "search": NAMESPACE_FILE.LIST,
        "stats": NAMESPACE_FILE.VIEW,
    }

    def read(self, request: Request, namespace: str) -> StreamingHttpResponse:
        require(self.ctx, NAMESPACE_FILE.VIEW, namespace)
        file = get_file(namespace, required(self.query, "path"))
        given = text(self.query, "revision")
        revision = get_revision(file, whole("revision", given)) if given else None
        stream = storage().open(key_of_content(file, revision))
        size = file.size if revision is None else revision.size
        return _download(_Chunks(stream), file.name, {"Content-Length": str(size)})

    def write(self, request: Request, namespace: str) -> HttpResponse:
        """A part `fileContent` of a form. One that is called `.zip` is unpacked, unless `unpack=false` keeps it."""
        path = required(self.query, "path")
        upload = _upload(request)
        content = cast(BinaryIO, upload)
        if (upload.name or "").lower().endswith(".zip") and flag(self.query, "unpack", True):
            self._unpack(namespace, path, content)
            return HttpResponse(status=200)
        check_size(upload.size or 0)
        plain = services.check_may_put(self.ctx, namespace=namespace, path=path)
        with keeping(current_tenant(), namespace) as contents:
            services.put_file(self.ctx, namespace=namespace, path=plain, content=contents.put(plain, content))
        return HttpResponse(status=200)

    def _unpack(self, namespace: str, path: str, content: BinaryIO) -> None:
        """Below the path where it is a folder's, `/a/`; else, as clients name the archive in it, below the topmost."""
        require(self.ctx, NAMESPACE_FILE.CREATE, namespace)
        folder = folder_path(path) if path.endswith("/") else ROOT
        with keeping(current_tenant(), namespace) as contents:
            kept = unpack(content, folder, contents)
            if kept:
                services.put_files(self.ctx, namespace=namespace, contents=kept)

    def move(self, request: Request, namespace: str) -> HttpResponse:
        source, target = required(self.query, "from"), required(self.query, "to")
        services.move_entry(self.ctx, namespace=namespace, source=source, target=target)
        return HttpResponse(status=200)

    def delete(self, request: Request, namespace: str) -> Answer:
        path = required(self.query, "path")
        if not services.delete_entry(self.ctx, namespace=namespace, path=path):
            raise NotFound(f"'{path[:200]}' was not found in namespace '{namespace}'")
        return Answer(status=200)

    def list(self, request: Request, namespace: str) -> Any:
        require(self.ctx, NAMESPACE_FILE.LIST, namespace)
        folder = folder_path(text(self.query, "path") or ROOT)
        return [_attributes(entry) for entry in entries_in(namespace, folder)]

    def make_folder(self, request: Request, namespace: str) -> Answer:
        services.make_folder(self.ctx, namespace=namespace, path=text(self.query, "path") or ROOT)
        return Answer(status=200)

    def export(self, request: Request, namespace: str) -> StreamingHttpResponse:
        require(self.ctx, NAMESPACE_FILE.EXPORT, namespace)
        files = [(file.path, key_of_content(file)) for file in files_of(namespace)]
        return _download(pack(files), f"{namespace}_files.zip", {})

    def revisions(self, request: Request, namespace: str) -> Any:
        """The newest last, as those of a flow."""
        require(self.ctx, NAMESPACE_FILE.VIEW, namespace)
        rows = get_file(namespace, required(self.query, "path")).revisions.order_by("revision")
        return [_revision(row) for row in rows]

    def delete_revisions(self, request: Request, namespace: str) -> dict[str, int]:
        given = [part for each in self.query.getlist("revisions") for part in each.split(",") if part.strip()]
        if not given:
            raise BadParameter("`revisions` is needed")
        numbers = sorted({whole("revisions", each.strip()) for each in given})
        path = required(self.query, "path")
        return {"count": services.delete_revisions(self.ctx, namespace=namespace, path=path, revisions=numbers)}

    def search(self, request: Request, namespace: str) -> Any:
        require(self.ctx, NAMESPACE_FILE.LIST, namespace)
        wanted = text(self.query, "q", "") or ""
        found = files_of(namespace).filter(path__icontains=wanted)
        return [*found.values_list("path", flat=True)[:MOST_FOUND]]

    def stats(self, request: Request, namespace: str) -> dict[str, Any]:
        require(self.ctx, NAMESPACE_FILE.VIEW, namespace)
        path = folder_path(text(self.query, "path") or ROOT)
        return _attributes(get_entry(namespace, path)) if path != ROOT else _topmost(namespace)


def _upload(request: Request) -> UploadedFile[bytes]:
    part = request.FILES.get("fileContent")
    if part is None:
        raise Invalid("a file is expected in the part `fileContent`")
    return cast(UploadedFile[bytes], part)


def _download(body: Any, name: str, headers: dict[str, str]) -> StreamingHttpResponse:
    headers |= {
        # A browser must never run what somebody keeps here as if it were a page of ours.
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(body, content_type="application/octet-stream", headers=headers)


class _Chunks:
    """A content in pieces; it is closed by whoever was handed this, also when nobody has read any."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.close = file.close

    def __iter__(self) -> Any:
        while piece := self._file.read(_CHUNK):
            yield piece


def _attributes(entry: NamespaceFile) -> dict[str, Any]:
    return {
        "fileName": entry.name,
        "type": "Directory" if entry.is_folder else "File",
        "size": entry.size,
        "creationTime": _milliseconds(entry.created_at),
        "lastModifiedTime": _milliseconds(entry.updated_at),
    }


def _topmost(namespace: str) -> dict[str, Any]:
    """The folder that every namespace has, empty or not."""
    newest = NamespaceFile.objects.filter(namespace=namespace).order_by("-updated_at").first()
    oldest = NamespaceFile.objects.filter(namespace=namespace).order_by("created_at").first()
    return {
        "fileName": "",
        "type": "Directory",
        "size": 0,
        "creationTime": _milliseconds(oldest.created_at) if oldest else 0,
        "lastModifiedTime": _milliseconds(newest.updated_at) if newest else 0,
    }


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _revision(row: NamespaceFileRevision) -> dict[str, Any]:
    return without_nulls(revision=row.revision, size=row.size, created=iso(row.created_at), author=row.author or None)
