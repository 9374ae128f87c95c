"""The dashboard for Grafana names metrics and labels that there are, and all of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stt_monitor.core.exposition import EXPOSED, Kind

DASHBOARD: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "tui" / "docs" / "grafana-dashboard.json").read_text(encoding="utf-8")
)
LABELS = {
    f"{each.name}{ending}": {*each.labels, *(["le"] if ending == "_bucket" else [])}
    for each in EXPOSED
    for ending in (("_bucket", "_sum", "_count") if each.kind is Kind.HISTOGRAM else ("",))
}
"""Labels by the names of series."""


def queries() -> Iterator[str]:
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    yield from (each["query"]["query"] for each in DASHBOARD["templating"]["list"] if each["type"] == "query")


def named(query: str) -> set[str]:
    return set(re.findall(r"\bstt_monitor_\w+", query))


def test_every_metric_that_it_names_exists_and_none_is_left_out():
    names = {name for query in queries() for name in named(query)}
    assert names <= set(LABELS)
    for each in EXPOSED:
        assert any(name.startswith(each.name) for name in names), each.name


def test_metrics_have_the_labels_that_it_selects_and_groups_by():
    for query in queries():
        asked = set(re.findall(r"(\w+)=~", query))
        for group in re.findall(r"\bby \(([^)]*)\)", query):
            asked |= set(group.split(", "))
        asked |= set(re.findall(r"label_values\([^,]+, (\w+)\)", query))
        assert asked, query
        assert all(asked <= LABELS[name] for name in named(query)), query


def test_legends_name_labels_that_their_query_keeps():
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            kept = {label for group in re.findall(r"\bby \(([^)]*)\)", target["expr"]) for label in group.split(", ")}
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= kept
