"""What the chart puts into a cluster, as helm rendered it."""

from __future__ import annotations

import importlib.metadata
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from dsp_pipeline import __version__
from dsp_pipeline.core.settings import Limits, Settings
from dsp_pipeline_tests.helm import render

if TYPE_CHECKING:
    from pathlib import Path

ALL_VALUES = sorted(render.VALUES.glob("*.yaml"))
DOCKERFILE = (render.CHART.parent / "Dockerfile").read_text(encoding="utf-8")
FOR_DAGSTER = {"DSP_POSTGRES_URL", "DSP_MAX_CONCURRENT_RUNS"}
KNOWN = (
    {f"DSP_{field.upper()}" for field in Settings.model_fields}
    | {f"DSP_LIMIT_{field.upper()}" for field in Limits.model_fields}
    | FOR_DAGSTER
)

Manifest = dict[str, Any]


@pytest.fixture(params=ALL_VALUES, ids=lambda path: path.stem)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return _manifests(request.param)


def _manifests(values: Path) -> list[Manifest]:
    return [manifest for manifest in yaml.safe_load_all(render.rendered(values)) if manifest]


def _of(kind: str, manifests: list[Manifest]) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def _pods(manifests: list[Manifest]) -> list[Manifest]:
    return [manifest["spec"]["template"] for manifest in _of("Deployment", manifests) + _of("Job", manifests)]


def _containers(manifests: list[Manifest]) -> list[Manifest]:
    return [container for pod in _pods(manifests) for container in pod["spec"]["containers"]]


def _pod(component: str, manifests: list[Manifest]) -> Manifest:
    by_component = {pod["metadata"]["labels"]["app.kubernetes.io/component"]: pod for pod in _pods(manifests)}
    return by_component[component]


def _service(component: str, manifests: list[Manifest]) -> Manifest:
    by_name = {service["metadata"]["name"]: service for service in _of("Service", manifests)}
    return by_name[f"dsp-dsp-pipeline-{component}"]


@pytest.mark.parametrize("values", ALL_VALUES, ids=lambda path: path.stem)
def test_the_committed_rendering_is_that_of_the_chart_as_it_is(values: Path) -> None:
    assert render.digest_of_rendered(values) == render.digest(values), (
        "run `python -m dsp_pipeline_tests.helm.render` where helm is installed"
    )


def test_no_container_is_root_or_may_write_to_its_image(manifests: list[Manifest]) -> None:
    for pod in _pods(manifests):
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        assert pod["spec"]["automountServiceAccountToken"] is False
    for container in _containers(manifests):
        locked = container["securityContext"]
        assert locked["readOnlyRootFilesystem"] is True
        assert locked["allowPrivilegeEscalation"] is False
        assert locked["capabilities"] == {"drop": ["ALL"]}


def test_every_container_has_limits(manifests: list[Manifest]) -> None:
    assert all({"cpu", "memory"} <= set(container["resources"]["limits"]) for container in _containers(manifests))


def test_nothing_is_exposed_outside_the_cluster(manifests: list[Manifest]) -> None:
    assert not _of("Ingress", manifests)
    assert {service["spec"]["type"] for service in _of("Service", manifests)} == {"ClusterIP"}


def test_the_webserver_listens_inside_its_pod_only(manifests: list[Manifest]) -> None:
    command = _pod("webserver", manifests)["spec"]["containers"][0]["command"]
    assert command[command.index("--host") + 1] == "127.0.0.1"


def test_without_a_proxy_the_webserver_has_no_service() -> None:
    services = _of("Service", _manifests(render.VALUES / "least.yaml"))
    assert [service["metadata"]["name"] for service in services] == ["dsp-dsp-pipeline-code-server"]


def test_with_a_proxy_the_service_leads_to_the_proxy() -> None:
    service = _service("webserver", _manifests(render.VALUES / "most.yaml"))
    assert [port["targetPort"] for port in service["spec"]["ports"]] == [4180]


def test_policies_let_only_daemon_and_webserver_reach_the_code_server(manifests: list[Manifest]) -> None:
    policies = {policy["metadata"]["name"]: policy["spec"] for policy in _of("NetworkPolicy", manifests)}
    assert policies["dsp-dsp-pipeline-nobody"]["ingress"] == []
    (rule,) = policies["dsp-dsp-pipeline-code-server"]["ingress"]
    (expression,) = rule["from"][0]["podSelector"]["matchExpressions"]
    assert expression["values"] == ["daemon", "webserver"]


def test_secrets_are_named_not_written(manifests: list[Manifest]) -> None:
    for container in _containers(manifests):
        for variable in container.get("env", []):
            if re.search("SECRET|KEY_ID|POSTGRES", variable["name"]):
                assert "secretKeyRef" in variable["valueFrom"]
                assert "value" not in variable


def test_only_the_code_server_can_reach_the_object_store(manifests: list[Manifest]) -> None:
    for component in ("daemon", "webserver", "migrate"):
        spec = _pod(component, manifests)["spec"]
        assert "serviceAccountName" not in spec
        assert {variable["name"] for variable in spec["containers"][0]["env"]} == FOR_DAGSTER


def test_every_setting_that_the_chart_writes_is_known(manifests: list[Manifest]) -> None:
    written = {variable["name"] for container in _containers(manifests) for variable in container.get("env", [])}
    assert {name for name in written if name.startswith("DSP_")} <= KNOWN


def test_daemon_and_webserver_find_the_code_server(manifests: list[Manifest]) -> None:
    (workspace,) = _of("ConfigMap", manifests)
    (location,) = yaml.safe_load(workspace["data"]["workspace.yaml"])["load_from"]
    (service,) = [
        service for service in _of("Service", manifests) if service["metadata"]["name"].endswith("-server")
    ]
    assert location["grpc_server"]["host"] == service["metadata"]["name"]
    assert location["grpc_server"]["port"] == service["spec"]["ports"][0]["port"]
    command = _pod("code-server", manifests)["spec"]["containers"][0]["command"]
    assert command[command.index("--port") + 1] == str(location["grpc_server"]["port"])


def test_what_the_containers_start_is_installed(manifests: list[Manifest]) -> None:
    installed = {script.name for script in importlib.metadata.entry_points(group="console_scripts")}
    started = {container["command"][0] for container in _containers(manifests) if "command" in container}
    assert started <= installed


def test_the_tables_are_made_before_anything_starts(manifests: list[Manifest]) -> None:
    (job,) = _of("Job", manifests)
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"


def test_chart_and_package_have_one_version() -> None:
    chart = yaml.safe_load((render.CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert chart["version"] == chart["appVersion"] == __version__


def test_the_image_copies_what_is_there_and_runs_as_the_charts_user(manifests: list[Manifest]) -> None:
    root = render.CHART.parents[1]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
    assert copied
    assert all((root / name).exists() for line in copied for name in line.split())
    assert "USER 10001:10001" in DOCKERFILE
    assert {pod["spec"]["securityContext"]["runAsUser"] for pod in _pods(manifests)} == {10001}
