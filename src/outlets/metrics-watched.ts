// What is known anyway and asked at each look: sizes, states, and what others count.
import type { IntervalHistogram } from "node:perf_hooks";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Measured } from "./measured.ts";

/** The loop is looked at so often; what is later than that is lag. */
export const loopResolutionMs = 20;

export function watch(registry: Registry, measured: Measured, loop: IntervalHistogram): void {
  const watched = new Watched(registry);
  watchTasks(watched, measured);
  watchParts(watched, measured);
  watchProcess(watched, measured, loop);
}

class Watched {
  readonly #registers: Registry[];

  constructor(registry: Registry) {
    this.#registers = [registry];
  }

  gauge<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    set: (gauge: Gauge<L>) => void,
  ): void {
    new Gauge<L>({
      name,
      help,
      labelNames: [...labelNames],
      registers: this.#registers,
      collect() {
        this.reset();
        set(this);
      },
    });
  }

  /** Something that is counted elsewhere, since the start of the process. */
  total<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    add: (counter: Counter<L>) => void,
  ): void {
    new Counter<L>({
      name,
      help,
      labelNames: [...labelNames],
      registers: this.#registers,
      collect() {
        this.reset();
        add(this);
      },
    });
  }
}

function watchTasks(watched: Watched, { tasks }: Measured): void {
  watched.gauge("armature_tasks", "Tasks that are kept, by status.", ["status"], (gauge) => {
    for (const [status, count] of Object.entries(tasks.counts())) gauge.set({ status }, count);
  });
  watched.gauge("armature_queue_length", "Tasks that wait for their turn.", [], (gauge) =>
    gauge.set(tasks.queueLength()),
  );
  watched.gauge("armature_queue_paused", "1 while nothing starts.", [], (gauge) =>
    gauge.set(Number(tasks.isQueuePaused())),
  );
  watched.gauge("armature_tasks_active", "Tasks that are under way, by lane.", ["lane"], (gauge) => {
    for (const [lane, count] of Object.entries(tasks.activeByLane())) gauge.set({ lane }, count);
  });
}

function watchParts(watched: Watched, { store, devices, schedules, webhooks, messages }: Measured): void {
  watched.gauge("armature_store_up", "1 while the disk takes changes.", [], (gauge) =>
    gauge.set(Number(store().ok)),
  );
  watched.gauge(
    "armature_store_journal_bytes",
    "Size of the journals since the last snapshot.",
    [],
    (gauge) => gauge.set(store().journalBytes),
  );
  watched.total("armature_store_writes_total", "Synced writes of changes of tasks.", [], (counter) =>
    counter.inc(store().writes),
  );
  watched.total("armature_store_write_seconds_total", "Time these writes took.", [], (counter) =>
    counter.inc(store().writeSeconds),
  );
  watched.gauge("armature_device_up", "1 where a device works.", ["device"], (gauge) => {
    for (const { name, ok } of devices()) gauge.set({ device: name }, Number(ok));
  });
  watched.gauge("armature_schedules", "Schedules there are.", [], (gauge) =>
    gauge.set(schedules()?.count ?? 0),
  );
  const firings = "armature_schedule_firings_total";
  watched.total(firings, "Times at which schedules fell due, by what came of it.", ["outcome"], (counter) => {
    const { fired = 0, missed = 0, failed = 0 } = schedules() ?? {};
    counter.inc({ outcome: "fired" }, fired);
    counter.inc({ outcome: "missed" }, missed);
    counter.inc({ outcome: "failed" }, failed);
  });
  watched.gauge("armature_webhooks_waiting", "Events that wait to be sent.", [], (gauge) =>
    gauge.set(webhooks()?.waiting ?? 0),
  );
  const deliveries = "armature_webhook_deliveries_total";
  watched.total(deliveries, "Attempts to send an event, by what came of it.", ["outcome"], (counter) => {
    const { delivered = 0, failed = 0, dead = 0 } = webhooks() ?? {};
    counter.inc({ outcome: "delivered" }, delivered);
    counter.inc({ outcome: "failed" }, failed);
    counter.inc({ outcome: "given_up" }, dead);
  });
  watched.gauge("armature_redis_up", "1 while messages are taken from Redis.", [], (gauge) =>
    gauge.set(Number(messages()?.isConnected ?? false)),
  );
  const taken = "armature_redis_messages_total";
  watched.total(taken, "Messages of Redis, by what became of them.", ["outcome"], (counter) => {
    const { accepted = 0, refused = 0 } = messages() ?? {};
    counter.inc({ outcome: "accepted" }, accepted);
    counter.inc({ outcome: "refused" }, refused);
  });
  watched.total("armature_redis_results_total", "Results that were published on Redis.", [], (counter) =>
    counter.inc(messages()?.published ?? 0),
  );
  watched.gauge(
    "armature_redis_results_waiting",
    "Results that wait to be published on Redis.",
    [],
    (gauge) => gauge.set(messages()?.waiting ?? 0),
  );
}

function watchProcess(watched: Watched, { version, startedAt }: Measured, loop: IntervalHistogram): void {
  watched.gauge("armature_info", "Always 1.", ["version", "node"], (gauge) =>
    gauge.set({ version, node: process.version }, 1),
  );
  const lag = "armature_event_loop_lag_seconds";
  watched.gauge(lag, "How late the event loop was since the last look.", ["quantile"], (gauge) => {
    for (const percent of [50, 90, 99, 100])
      gauge.set({ quantile: String(percent / 100) }, lagOf(loop.percentile(percent)));
    loop.reset();
  });
  watched.total("process_cpu_seconds_total", "User and system time of the process.", [], (counter) => {
    const { user, system } = process.cpuUsage();
    counter.inc((user + system) / 1e6);
  });
  const memory = "process_resident_memory_bytes";
  watched.gauge(memory, "Memory of the process, its threads included.", [], (gauge) =>
    gauge.set(process.memoryUsage.rss()),
  );
  watched.gauge("process_start_time_seconds", "When the runtime was started, since 1970.", [], (gauge) =>
    gauge.set(startedAt / 1000),
  );
  watched.gauge("nodejs_heap_size_used_bytes", "Memory of the main thread's objects.", [], (gauge) =>
    gauge.set(process.memoryUsage().heapUsed),
  );
}

/** @param nanoseconds no number before the first sample */
const lagOf = (nanoseconds: number): number =>
  Math.max(0, (Number.isFinite(nanoseconds) ? nanoseconds : 0) / 1e9 - loopResolutionMs / 1000);
