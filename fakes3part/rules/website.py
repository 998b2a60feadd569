"""Website configurations: what S3 accepts, and which routing rule redirects a request.

Error texts are recorded from AWS. Assumed: the texts about status codes that a rule may not have, and MalformedXML for an empty
redirect and an empty host name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from ..errors import S3Error, invalid_argument
from ..state.website import Redirect, RoutingRule, Website

MAX_RULES = 50

_REDIRECT_CODE = re.compile(r"3\d\d", re.ASCII)
_ERROR_CODE = re.compile(r"[45]\d\d", re.ASCII)


def parse_website(configuration: Mapping[str, Any]) -> Website:
    """Return the configuration of a ``WebsiteConfiguration`` document.

    Raises:
        S3Error: InvalidArgument, InvalidRequest or MalformedXML.
    """
    if "RedirectAllRequestsTo" in configuration:
        return Website(redirect_all=_redirect_all(configuration))
    if "IndexDocument" not in configuration:
        text = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"
        raise invalid_argument(text, "IndexDocument", "null")
    suffix = configuration["IndexDocument"]["Suffix"]
    if not suffix or "/" in suffix:
        raise invalid_argument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix)
    error = configuration["ErrorDocument"]["Key"] if "ErrorDocument" in configuration else None
    if error == "":
        raise S3Error("InvalidArgument", "The ErrorDocument Key is not well formed")
    return Website(suffix, error, None, _rules(configuration["RoutingRules"]) if "RoutingRules" in configuration else None)


def _redirect_all(configuration: Mapping[str, Any]) -> Redirect:
    if len(configuration) > 1:
        text = "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules."
        raise invalid_argument(text, "RedirectAllRequestsTo", "not null")
    document = configuration["RedirectAllRequestsTo"]
    _check_redirect(document)
    return Redirect(host=document["HostName"], protocol=document.get("Protocol"))


def _rules(document: list[Mapping[str, Any]]) -> tuple[RoutingRule, ...]:
    if not document:
        raise S3Error("MalformedXML")
    if len(document) > MAX_RULES:
        _refuse(
            f"{len(document)} routing rules provided, the number of routing rules in a website configuration is limited to "
            f"{MAX_RULES}."
        )
    return tuple(map(_rule, document))


def _rule(document: Mapping[str, Any]) -> RoutingRule:
    redirect, condition = document["Redirect"], document.get("Condition")
    if not redirect:
        raise S3Error("MalformedXML")
    if "ReplaceKeyPrefixWith" in redirect and "ReplaceKeyWith" in redirect:
        _refuse("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
    if condition is not None and not condition:
        _refuse(
            "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present."
        )
    _check_redirect(redirect)
    code, error = redirect.get("HttpRedirectCode"), (condition or {}).get("HttpErrorCodeReturnedEquals")
    if code is not None and (not _REDIRECT_CODE.fullmatch(code) or code == "300"):
        _refuse(f"The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300.")
    if error is not None and not _ERROR_CODE.fullmatch(error):
        _refuse(f"The provided HTTP error code ({error}) is not valid. Valid codes are 4XX or 5XX.")
    return RoutingRule(
        Redirect(
            redirect.get("HostName"),
            code,
            redirect.get("Protocol"),
            redirect.get("ReplaceKeyPrefixWith"),
            redirect.get("ReplaceKeyWith"),
        ),
        (condition or {}).get("KeyPrefixEquals"),
        error,
    )


def _check_redirect(document: Mapping[str, str]) -> None:
    if document.get("Protocol") not in (None, "http", "https"):
        _refuse("Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.")
    if document.get("HostName") == "":
        raise S3Error("MalformedXML")


def _refuse(text: str) -> NoReturn:
    raise S3Error("InvalidRequest", text)


def website_output(site: Website) -> dict[str, Any]:
    """Return the configuration as GetBucketWebsite returns it: as it was put."""
    everything = site.redirect_all
    return {
        "RedirectAllRequestsTo": everything and {"HostName": everything.host, "Protocol": everything.protocol},
        "IndexDocument": site.index and {"Suffix": site.index},
        "ErrorDocument": site.error and {"Key": site.error},
        "RoutingRules": site.rules and [_shown_rule(rule) for rule in site.rules],
    }


def _shown_rule(rule: RoutingRule) -> dict[str, Any]:
    condition = {"HttpErrorCodeReturnedEquals": rule.error, "KeyPrefixEquals": rule.prefix}
    redirect = rule.redirect
    return {
        "Condition": condition if rule.error is not None or rule.prefix is not None else None,
        "Redirect": {
            "HostName": redirect.host,
            "HttpRedirectCode": redirect.code,
            "Protocol": redirect.protocol,
            "ReplaceKeyPrefixWith": redirect.prefix,
            "ReplaceKeyWith": redirect.key,
        },
    }


def find_rule(site: Website, key: str, error: int | None = None) -> RoutingRule | None:
    """Return the first routing rule for a key; ``error``: the status of the error that occurred, None: none did."""
    status = None if error is None else str(error)
    for rule in site.rules or ():
        if rule.error == status and key.startswith(rule.prefix or ""):
            return rule
    return None


def redirected_key(rule: RoutingRule, key: str) -> str:
    """Return the key that a rule redirects to."""
    redirect = rule.redirect
    if redirect.key is not None:
        return redirect.key
    if redirect.prefix is not None:
        return redirect.prefix + key[len(rule.prefix or "") :]
    return key
