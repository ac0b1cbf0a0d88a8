"""Which installation a command talks to: what the environment names, else the stack that runs on this machine."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import SettingsError
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.stack.connection import Connection, home_folder, read_connection

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from dsp_pipeline.storage.stores import Stores

_OWN = ("DSP_S3_ENDPOINT", "DSP_STORE_FOLDER", "DSP_DROP_BUCKET")
"""Any of these says that the operator means an installation of their own, not the local stack."""
_CREDENTIALS = "AWS_"


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What a command works with.

    Attributes:
        settings: Addresses, buckets and limits.
        connection: The local stack, if that is what the command talks to.
        is_chosen: Whether there is an installation at all: the local stack, or one that the environment names.
        variables: The environment that the settings came from.
    """

    settings: Settings
    connection: Connection | None
    is_chosen: bool
    variables: Mapping[str, str]

    def stores(self) -> Stores:
        """The installation's buckets.

        Raises:
            SettingsError: There is no installation. (The default bucket names on AWS may be anybody's: nothing
                is sent there unless it is asked for.)
        """
        if not self.is_chosen:
            raise SettingsError(
                "no stack runs on this machine, and no other installation is named",
                where=str(home_folder(self.variables)),
                remedy="Start one with 'dsp up' (or 'dsp demo'), or set DSP_S3_ENDPOINT or DSP_DROP_BUCKET",
            )
        from dsp_pipeline.storage.stores import open_stores  # noqa: PLC0415 - not every command needs it

        return open_stores(self.settings)


def _is_for_clients(name: str) -> bool:
    """Whether the S3 client or the HTTP client looks for this variable: credentials, and hosts without a proxy."""
    return name.startswith(_CREDENTIALS) or name.lower() == "no_proxy"


def find_surroundings(environment: MutableMapping[str, str]) -> Surroundings:
    """The installation that this environment is meant for.

    Where that is the local stack, its credentials are put into the environment, in which the S3 client looks,
    and so is that its addresses are not reached by way of a proxy.

    Raises:
        SettingsError: A variable has a value of the wrong form.
    """
    named = any(environment.get(name) for name in _OWN)
    connection = None if named else read_connection(home_folder(environment))
    variables = dict(environment)
    if connection is not None:
        variables = connection.environment | {name: value for name, value in variables.items() if value}
        needed = {name: value for name, value in connection.environment.items() if _is_for_clients(name)}
        environment.update(needed)
        variables |= needed
    return Surroundings(
        settings=Settings.from_environment(variables),
        connection=connection,
        is_chosen=named or connection is not None,
        variables=variables,
    )
