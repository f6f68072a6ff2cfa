// The figures of one runner host, by their Prometheus names.

import { Counter, Gauge, Histogram, Registry } from "prom-client";

const START_BUCKETS_S = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60];
const THAW_BUCKETS_S = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1];

export class HostMetrics {
  readonly registry = new Registry();
  readonly sessions = new Gauge({
    name: "berth_host_sessions",
    help: "Sessions held by this host",
    registers: [this.registry],
  });
  readonly agents = new Gauge({
    name: "berth_host_agents_connected",
    help: "Agents connected now",
    registers: [this.registry],
  });
  readonly relayedBytes = new Counter({
    name: "berth_host_relayed_bytes_total",
    help: "Terminal bytes relayed",
    labelNames: ["direction"] as const,
    registers: [this.registry],
  });
  readonly reconnects = new Counter({
    name: "berth_host_connections_lost_total",
    help: "Connections lost and dialled again, by leg",
    labelNames: ["leg"] as const,
    registers: [this.registry],
  });
  readonly containerRestarts = new Counter({
    name: "berth_host_container_restarts_total",
    help: "Containers that ended by themselves and were started again",
    registers: [this.registry],
  });
  readonly pausedSessions = new Gauge({
    name: "berth_host_sessions_paused",
    help: "Sessions paused now",
    registers: [this.registry],
  });
  readonly restingSessions = new Gauge({
    name: "berth_host_sessions_resting",
    help: "Sessions whose container is stopped since the machine ran short of memory",
    registers: [this.registry],
  });
  readonly thawSeconds = new Histogram({
    name: "berth_host_thaw_seconds",
    help: "Until the processes of a paused session run again",
    buckets: THAW_BUCKETS_S,
    registers: [this.registry],
  });
  readonly claimSeconds = new Histogram({
    name: "berth_host_claim_seconds",
    help: "From a claim to its running container",
    buckets: START_BUCKETS_S,
    registers: [this.registry],
  });
  readonly firstConnectSeconds = new Histogram({
    name: "berth_host_first_connect_seconds",
    help: "From a claim to the first hello of its agent",
    buckets: START_BUCKETS_S,
    registers: [this.registry],
  });
}
