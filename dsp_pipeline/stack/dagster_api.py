"""What a running Dagster says of its runs and of itself, asked over its webserver's GraphQL.

Only the standard library: a command that follows a run must not wait two seconds for Dagster's own client.
"""

from __future__ import annotations

import dataclasses
import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from dsp_pipeline.core.errors import DspError, InputError, StackError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNFINISHED = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING")
"""The statuses of runs that may still become something."""

_SECONDS = 15.0
_EVENTS = 1_000
_RUNS = """query Runs($filter: RunsFilter, $limit: Int) { runsOrError(filter: $filter, limit: $limit) {
  __typename
  ... on Runs { results { id status creationTime startTime endTime tags { key value }
    stepStats { stepKey status startTime endTime } } }
  ... on PythonError { message }
} }"""
_FAILURE = """query Failure($id: ID!, $limit: Int) { runOrError(runId: $id) { ... on Run {
  eventConnection(limit: $limit) { events { __typename
    ... on ExecutionStepFailureEvent { stepKey error { className message cause { className message } }
      failureMetadata { description metadataEntries { label
        ... on TextMetadataEntry { text } ... on BoolMetadataEntry { boolValue } } } }
    ... on RunFailureEvent { message } } } } } }"""
_HEALTH = """{ version
  instance { daemonHealth { allDaemonStatuses { daemonType required healthy lastHeartbeatErrors { message } } } }
  workspaceOrError { __typename
    ... on Workspace { locationEntries { name loadStatus
      locationOrLoadError { __typename ... on PythonError { message } } } }
    ... on PythonError { message } } }"""


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One asset's step in a run; ``status`` is Dagster's word; times are seconds since the epoch."""

    key: str
    status: str
    started: float | None
    ended: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """One run; ``status`` is Dagster's word for it; times are seconds since the epoch."""

    id: str
    status: str
    created: float
    started: float | None
    ended: float | None
    tags: Mapping[str, str]
    steps: Sequence[Step]


@dataclasses.dataclass(frozen=True, slots=True)
class Health:
    """How Dagster is.

    Attributes:
        version: Of the webserver.
        daemons: For each daemon that is needed, its name and what is wrong with it ("" if nothing).
        locations: For each code location, its name and what is wrong with it ("" if nothing).
    """

    version: str
    daemons: Mapping[str, str]
    locations: Mapping[str, str]


class DagsterApi:
    """A Dagster webserver.

    Args:
        url: Its address, such as http://127.0.0.1:3000.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def runs(
        self, *, tags: Mapping[str, str] | None = None, statuses: Sequence[str] | None = None, limit: int = 100
    ) -> list[Run]:
        """The newest runs that have all these tags and one of these statuses, newest first.

        Raises:
            StackError: Dagster does not answer, or not with runs.
        """
        chosen: dict[str, Any] = {}
        if tags:
            chosen["tags"] = [{"key": key, "value": value} for key, value in tags.items()]
        if statuses:
            chosen["statuses"] = list(statuses)
        answer = self._ask(_RUNS, {"filter": chosen, "limit": limit})["runsOrError"]
        if "results" not in answer:
            raise self._trouble(answer.get("message", answer["__typename"]))
        return [_run(result) for result in answer["results"]]

    def failure(self, run_id: str) -> DspError:
        """Why a run failed, in the words of the step that failed first.

        Raises:
            StackError: Dagster does not answer.
        """
        run = self._ask(_FAILURE, {"id": run_id, "limit": _EVENTS})["runOrError"]
        where = self.run_url(run_id)
        for event in run.get("eventConnection", {"events": []})["events"]:
            if event["__typename"] == "ExecutionStepFailureEvent":
                return _step_failure(event, where)
        return DspError(
            "the run ended before it was done: its process was killed or could not be started",
            where=where,
            remedy="Look at the run in the Dagster UI; the reconciling schedule tries it again",
        )

    def health(self) -> Health:
        """How Dagster is.

        Raises:
            StackError: Dagster does not answer.
        """
        answer = self._ask(_HEALTH, {})
        statuses = answer["instance"]["daemonHealth"]["allDaemonStatuses"]
        workspace = answer["workspaceOrError"]
        entries = workspace.get("locationEntries")
        if entries is None:
            raise self._trouble(workspace.get("message", "it has no workspace"))
        return Health(
            version=answer["version"],
            daemons={status["daemonType"]: _sickness(status) for status in statuses if status["required"]},
            locations={entry["name"]: _load_error(entry) for entry in entries},
        )

    def run_url(self, run_id: str) -> str:
        """Where a person looks at a run."""
        return f"{self.url}/runs/{run_id}"

    def _ask(self, query: str, variables: Mapping[str, object]) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the operator's own address
            f"{self.url}/graphql",
            data=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as reply:  # noqa: S310
                answer = json.load(reply)
        except (OSError, ValueError) as error:
            raise self._trouble(str(error)) from error
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
            errors = answer.get("errors") if isinstance(answer, dict) else None
            raise self._trouble(errors[0].get("message", "") if errors else "it is no GraphQL server")
        return answer["data"]

    def _trouble(self, said: str) -> StackError:
        return StackError(
            f"Dagster does not answer as it should: {said.splitlines()[0].rstrip('.') if said else 'nothing'}",
            where=self.url,
            remedy="Start the stack with 'dsp up', or set DSP_DAGSTER_URL to the Dagster UI's address",
        )


def _run(result: Mapping[str, Any]) -> Run:
    return Run(
        id=result["id"],
        status=result["status"],
        created=result["creationTime"],
        started=result["startTime"],
        ended=result["endTime"],
        tags={tag["key"]: tag["value"] for tag in result["tags"]},
        steps=[
            Step(step["stepKey"], step["status"] or "", step["startTime"], step["endTime"])
            for step in result["stepStats"]
        ],
    )


def _step_failure(event: Mapping[str, Any], where: str) -> DspError:
    metadata = event["failureMetadata"] or {"metadataEntries": []}
    said = {entry["label"]: entry.get("text", "") for entry in metadata["metadataEntries"]}
    if said.get("what"):
        return InputError(said["what"], where=said.get("where", ""), remedy=said.get("remedy", ""))
    error = event["error"] or {}
    cause = error.get("cause") or error
    return DspError(
        f"the analysis stopped at '{event['stepKey']}' because of an internal error"
        f" ({cause.get('className') or 'unknown'})",
        where=where,
        remedy="Look at the run in the Dagster UI; if it is not tried again, mend the cause and drop it anew",
    )


def _sickness(status: Mapping[str, Any]) -> str:
    if status["healthy"]:
        return ""
    errors = status["lastHeartbeatErrors"]
    return str(errors[0]["message"]).splitlines()[0] if errors else "no heartbeat"


def _load_error(entry: Mapping[str, Any]) -> str:
    loaded = entry["locationOrLoadError"] or {"__typename": ""}
    if loaded["__typename"] == "PythonError":
        return str(loaded["message"]).splitlines()[0]
    return "" if entry["loadStatus"] == "LOADED" else "still loading"
