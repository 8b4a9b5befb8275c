"""The index finds what the plain list finds."""

from __future__ import annotations

import pytest
from django.urls import URLResolver, include, path, re_path
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RoutePattern

from control_plane.kernel.api.addresses import IndexedRoutes


def view() -> None:
    """Stands where a view stands."""


def named(route: str):
    return path(route, view, {"route": route})


ROUTES = [
    named(""),
    named("ui/"),
    named("ui/<path:path>"),
    path("", include([named("api/v1/me"), named("api/v1/<str:tenant>/things")])),
    named("api/v1/<str:tenant>/things/by-ids"),
    named("api/v1/<str:tenant>/things/<str:one>"),
    named("api/v1/<str:tenant>/things/<str:one>/parts/<str:two>/<int:three>"),
    named("api/v1/<str:tenant>/things/<str:one>/parts/<str:two>/last"),
    named("api/v1/<str:tenant>/files/<path:path>"),
    named("api/v1/<str:tenant>/<str:any>"),
    named("api/v1/<str:tenant>/x-<str:any>/y"),
]
ADDRESSES = [
    "",
    "ui/",
    "ui/a/b/c",
    "ui",
    "api/v1/me",
    "api/v1/me/",
    "api/v1/acme/things",
    "api/v1/acme/things/",
    "api/v1/acme/things/by-ids",
    "api/v1/acme/things/other",
    "api/v1/things/things/things",
    "api/v1/acme/things/1/parts/2/3",
    "api/v1/acme/things/1/parts/2/last",
    "api/v1/acme/things/1/parts/2/none",
    "api/v1/acme/files/a",
    "api/v1/acme/files/a/b/c/d/e/f/g",
    "api/v1/acme/files/",
    "api/v1/acme/files",
    "api/v1/acme/x-ray/y",
    "api//acme/things",
    "nowhere",
    "/",
]


def found(resolver: URLResolver, address: str) -> object:
    try:
        match = resolver.resolve(address)
    except Resolver404:
        return None
    return match.kwargs


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_finds_the_same_route_as_the_plain_list(address: str):
    plain = URLResolver(RoutePattern("", is_endpoint=False), ROUTES)
    assert found(IndexedRoutes(ROUTES), address) == found(plain, address)


def test_few_of_many_routes_are_tried():
    indexed = IndexedRoutes([named(f"api/v1/<str:tenant>/kind{number}/<str:one>") for number in range(100)])
    assert len(indexed._found(5, ("api", "v1", None, "kind7", None))) == 1


def test_what_the_index_would_not_see_is_refused():
    with pytest.raises(ValueError, match="no prefix"):
        IndexedRoutes([path("api/", include([named("x")]))])
    with pytest.raises(TypeError, match="path"):
        IndexedRoutes([re_path("^x", view)])
