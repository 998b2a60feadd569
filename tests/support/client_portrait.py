"""What a boto3 client is made of, in a form that can be compared: ``portrait(client) == portrait(other)``."""

from __future__ import annotations

from typing import Any

from tests.support.botocore_model import params

BUCKETS = ("bucket", "Bad_Bucket", "a.b.c", "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap", "x--use1-az4--x-s3")


def portrait(client: Any) -> dict[str, Any]:
    """Return everything of a client that its user can see, and the handlers of its events."""
    operations = sorted(client.meta.method_to_api_mapping)
    model = client.meta.service_model
    return {
        "model": _plain(model._service_description),
        "operations": {name: _operation(model.operation_model(name)) for name in model.operation_names},
        "region": client.meta.region_name,
        "endpoint": client.meta.endpoint_url,
        "partition": client.meta.partition,
        "methods": dict(client.meta.method_to_api_mapping),
        "config": {key: value for key, value in vars(client.meta.config).items() if "user_agent" not in key},
        "events": handlers(client.meta.events),
        "waiters": {name: _plain(vars(client.get_waiter(name).config)) for name in client.waiter_names},
        "paginators": {name: _paginator(client, name) for name in operations if client.can_paginate(name)},
        "exceptions": sorted(name for name in dir(client.exceptions) if not name.startswith("_")),
        "errors": [(shape.name, shape.documentation, _plain(shape.metadata)) for shape in model.error_shapes],
        "codes": sorted(client.exceptions._code_to_exception),
        "names": dir(client),
        "bases": [base.__name__ for base in type(client).__mro__],
        "resolved": {bucket: _resolved(client, bucket) for bucket in BUCKETS},
        "urls": {name: _presigned(client, name) for name in operations},
    }


def session_portrait(session: Any) -> dict[str, Any]:
    """Return what a session knows of services, regions and endpoints."""
    partitions = session.get_available_partitions()
    resolver = session._session._get_internal_component("endpoint_resolver")
    return {
        "services": session.get_available_services(),
        "resources": session.get_available_resources(),
        "partitions": partitions,
        "regions": {name: session.get_available_regions("s3", name) for name in partitions},
        "all": _plain(resolver._endpoint_data),
        "events": handlers(session.events),
        "rules": _plain(session._loader.load_service_model("s3", "endpoint-rule-set-1")),
    }


def _plain(data: Any) -> Any:
    """Return dictionaries as lists of pairs, since their order counts; objects as their attributes."""
    if isinstance(data, dict):
        return [(key, _plain(value)) for key, value in data.items()]
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data if isinstance(data, str | int | float | None) else _name(data)


def _operation(operation: Any) -> Any:
    shapes = [shape for shape in (operation.input_shape, operation.output_shape) if shape is not None]
    members = [
        [(name, member.type_name, _plain(member.serialization)) for name, member in shape.members.items()] for shape in shapes
    ]
    return _plain(operation.http), operation.documentation, operation.auth_type, members


def _paginator(client: Any, name: str) -> Any:
    paginator = client.get_paginator(name)
    keys = (
        paginator._input_token,
        paginator._output_token,
        paginator._more_results,
        paginator._limit_key,
        paginator._result_keys,
    )
    return [_plain([getattr(part, "expression", part) for part in (key if isinstance(key, list) else [key])]) for key in keys]


def handlers(events: Any) -> list[tuple[str, list[str]]]:
    """Return the names of the events that have handlers, and these by first, middle and last, in their order."""
    emitter = events._emitter
    found = [("unique ids", sorted(emitter._unique_id_handlers, key=str))]

    def walk(node: Any, path: tuple[str, ...]) -> None:
        if node["values"] is not None:
            found.append(
                (".".join(path), [f"{place}: {_name(handler)}" for place, part in enumerate(node["values"]) for handler in part])
            )
        for name, child in node["children"].items():
            walk(child, (*path, name))

    walk(emitter._handlers._root, ())
    return found


def _name(thing: Any) -> str:
    owner = getattr(thing, "__self__", None)
    name = getattr(thing, "__qualname__", None) or type(thing).__qualname__
    return name if owner is None else f"{type(owner).__qualname__}: {name}"


def _resolved(client: Any, bucket: str) -> Any:
    """Return the endpoint of each kind of request for this bucket, or the error."""
    found = []
    for name in ("PutObject", "ListObjectsV2", "CreateBucket", "GetObjectAttributes"):
        operation = client.meta.service_model.operation_model(name) if name in client.meta.service_model.operation_names else None
        if operation is None:
            continue
        try:
            endpoint = client._ruleset_resolver.construct_endpoint(operation, {"Bucket": bucket, "Key": "k"}, {})
            found.append((name, endpoint.url, _plain(endpoint.properties), _plain(endpoint.headers)))
        except Exception as error:
            found.append((name, type(error).__name__, str(error), []))
    return found


def _presigned(client: Any, method: str) -> str:
    operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    try:
        url = str(client.generate_presigned_url(method, Params=params(operation, ClientToken="token")))
        return url.partition("&X-Amz-Signature=")[0] if "ECDSA" in url else url  # (those are random)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
