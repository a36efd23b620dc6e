"""Prometheus metrics, computed from a snapshot when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest

from brain.runtime.service import Snapshot


class SnapshotCollector:
    """Turns a snapshot into metric families."""

    def __init__(self, take: Callable[[], Snapshot]) -> None:
        self._take = take

    def collect(self) -> Iterator[Metric]:
        """All families."""
        snapshot = self._take()
        yield from self._cameras(snapshot)
        yield from self._workers(snapshot)
        yield from self._desks(snapshot)
        trouble = GaugeMetricFamily("brain_store_trouble", "1 while the database or evidence folder refuses")
        trouble.add_metric([], float(bool(snapshot.trouble)))
        yield trouble
        if snapshot.counts is not None:
            totals = GaugeMetricFamily("brain_cases", "cases in the database", labels=["state"])
            totals.add_metric(["open"], snapshot.counts.cases_open)
            totals.add_metric(["closed"], snapshot.counts.cases_closed)
            yield totals
            yield GaugeMetricFamily("brain_events_open", "events that last", value=snapshot.counts.events_open)

    @staticmethod
    def _cameras(snapshot: Snapshot) -> Iterable[Metric]:
        state = GaugeMetricFamily("brain_camera_state", "1 for the state a camera is in", labels=["camera", "state"])
        made = CounterMetricFamily("brain_samples", "frames analysed", labels=["camera"])
        due = CounterMetricFamily("brain_samples_due", "frames that were due", labels=["camera"])
        skipped = CounterMetricFamily("brain_samples_skipped", "frames due and left out", labels=["camera", "reason"])
        failures = CounterMetricFamily("brain_camera_failures", "failed opens and broken streams", labels=["camera"])
        for shard in snapshot.shards:
            for name, report in shard.reports.items():
                state.add_metric([name, report.state.value], 1)
                made.add_metric([name], report.samples)
                due.add_metric([name], report.due)
                failures.add_metric([name], report.failures)
                for reason, count in report.skipped.items():
                    skipped.add_metric([name, reason], count)
        return state, made, due, skipped, failures

    @staticmethod
    def _workers(snapshot: Snapshot) -> Iterable[Metric]:
        alive = GaugeMetricFamily("brain_worker_alive", "1 while the worker runs", labels=["shard"])
        waiting = GaugeMetricFamily("brain_worker_waiting", "commits not yet kept", labels=["shard"])
        for shard in snapshot.shards:
            alive.add_metric([str(shard.number)], float(shard.alive))
            waiting.add_metric([str(shard.number)], shard.waiting)
        replaced = CounterMetricFamily("brain_workers_replaced", "workers replaced", labels=["reason"])
        for reason, count in snapshot.replaced.items():
            replaced.add_metric([reason], count)
        return alive, waiting, replaced

    @staticmethod
    def _desks(snapshot: Snapshot) -> Iterable[Metric]:
        up = GaugeMetricFamily("brain_desk_ok", "1 while deliveries go through", labels=["desk"])
        waiting = GaugeMetricFamily("brain_outbox_waiting", "messages not yet delivered", labels=["desk"])
        oldest = GaugeMetricFamily("brain_outbox_oldest_seconds", "age of the oldest of them", labels=["desk"])
        sent = CounterMetricFamily("brain_messages_sent", "messages delivered", labels=["desk"])
        retried = CounterMetricFamily("brain_messages_retried", "tries to repeat", labels=["desk", "reason"])
        dead = CounterMetricFamily("brain_messages_dead", "dead letters", labels=["desk", "reason"])
        for desk in snapshot.dispatch.desks:
            up.add_metric([desk.desk], float(desk.state.value == "ok"))
            waiting.add_metric([desk.desk], desk.waiting)
            oldest.add_metric([desk.desk], desk.oldest_s)
            sent.add_metric([desk.desk], desk.sent)
            for reason, count in desk.retried.items():
                retried.add_metric([desk.desk, reason], count)
            for reason, count in desk.dead.items():
                dead.add_metric([desk.desk, reason], count)
        return up, waiting, oldest, sent, retried, dead


def metrics_text(take: Callable[[], Snapshot]) -> bytes:
    """The metrics in Prometheus' text form."""
    registry = CollectorRegistry()
    registry.register(SnapshotCollector(take))
    return generate_latest(registry)
