"""Alerts and dashboard ask for metrics that are there, by labels that they have."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from paperwire import __version__
from paperwire.observe import REGISTRY

CONTRIB = Path(__file__).resolve().parents[2] / "contrib"
ALERTS = {
    rule["alert"]: rule["expr"] for rule in yaml.safe_load((CONTRIB / "alerts.yml").read_text())["groups"][0]["rules"]
}
PANELS = json.loads((CONTRIB / "grafana.json").read_text())["panels"]
QUERIES = {
    **ALERTS,
    **{f"{panel['title']} {ask['refId']}": ask["expr"] for panel in PANELS for ask in panel["targets"]},
}
OF_PROMETHEUS = {"up", "job", "instance", "le"}


def names():
    """The samples and the labels of all metrics, those without a value yet, too."""
    for collector in REGISTRY._collector_to_names:
        for metric in collector.describe() if hasattr(collector, "describe") else collector.collect():
            ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "info": ["_info"]}
            yield from (f"{metric.name}{end}" for end in ends.get(metric.type, [""]))
        yield from getattr(collector, "_labelnames", ())


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_what_is_there(query):
    asked = re.findall(r"\b(?:paperwire|process|python)_\w+", QUERIES[query])
    grouped = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", QUERIES[query]) for label in labels.split(",")}
    known = {*names(), *OF_PROMETHEUS, "version"}
    assert {*asked, *grouped} - known == set()
    assert asked or "up{" in QUERIES[query]


def test_a_process_says_its_version_and_what_it_uses():
    families = {family.name: family for family in text_string_to_metric_families(generate_latest(REGISTRY).decode())}
    assert families["paperwire_build_info"].samples[0].labels == {"version": __version__}
    assert families["process_resident_memory_bytes"].samples[0].value > 1e6
    assert {"python_info", "python_gc_collections"} <= families.keys()


def test_prometheus_takes_the_alerts():
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here (on Debian the package prometheus)")
    command = [promtool, "test", "rules", "alerts_test.yml"]
    done = subprocess.run(command, cwd=CONTRIB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_firing_and_not():
    tried = yaml.safe_load((CONTRIB / "alerts_test.yml").read_text())["tests"]
    cases = [case for test in tried for case in test["alert_rule_test"]]
    for is_firing in (True, False):
        assert {case["alertname"] for case in cases if bool(case["exp_alerts"]) is is_firing} == ALERTS.keys()
