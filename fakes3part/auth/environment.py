"""The parts of a fake that authentication reads."""

from __future__ import annotations

from typing import Protocol

from ..clock import Clock
from ..ids import Ids
from ..settings import Settings
from ..state.store import Store
from .accounts import Accounts


class AuthEnvironment(Protocol):
    """Accounts, time and buckets of one fake."""

    accounts: Accounts
    clock: Clock
    ids: Ids
    settings: Settings
    store: Store
