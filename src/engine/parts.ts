// The parts of the engine, built once and tied together: what one of them needs of another it gets here.
import { Calls } from "./attempt/calls.ts";
import { TaskLogs } from "./attempt/logs.ts";
import { Questions } from "./attempt/questions.ts";
import { Runner } from "./attempt/runner.ts";
import { Starter } from "./attempt/starter.ts";
import { Board } from "./board/board.ts";
import type { Entry } from "./board/entry.ts";
import { Groups } from "./board/groups.ts";
import { Retention } from "./board/retention.ts";
import { Statistics } from "./board/statistics.ts";
import { Views } from "./board/views.ts";
import { Waiters } from "./board/waiters.ts";
import { Changes } from "./changes.ts";
import { Children } from "./children/children.ts";
import { Control } from "./control/control.ts";
import { Intake } from "./intake/intake.ts";
import { Demands } from "./machine/demands.ts";
import { type Machine, noMachine } from "./machine/port.ts";
import type { EngineOptions } from "./options.ts";
import type { QueuePause } from "./ports.ts";
import { QueuePauses } from "./queue/pauses.ts";
import { Scheduler } from "./queue/scheduler.ts";
import { ticketOf } from "./queue/turn.ts";
import { Shutdown } from "./shutdown.ts";
import { Delays } from "./triggers/delays.ts";
import { DependencyTrigger } from "./triggers/dependency.ts";
import { WaitingRoom } from "./triggers/waiting-room.ts";

export interface Parts {
  readonly board: Board;
  readonly changes: Changes;
  readonly delays: Delays;
  readonly scheduler: Scheduler;
  readonly pauses: QueuePauses;
  readonly runner: Runner;
  readonly intake: Intake;
  readonly control: Control;
  readonly logs: TaskLogs;
  readonly questions: Questions;
  readonly retention: Retention;
  readonly statistics: Statistics;
  readonly views: Views;
  readonly waiters: Waiters;
  readonly groups: Groups;
  readonly machine: Machine;
  readonly shutdown: Shutdown;
  /** The place in line that was given last; restore sets it. */
  readonly order: { last: number };
  /** Lines a pending task up, or lets it wait for what it waits for. */
  enqueue(entry: Entry): void;
}

export function makeParts(options: EngineOptions): Parts {
  const { machine = noMachine } = options;
  const order = { last: 0 };
  const nextOrder = (): number => ++order.last;
  const board = new Board(options.clock);
  const statistics = new Statistics();
  const logs = new TaskLogs(options);
  const changes = new Changes({
    ...options,
    board,
    onEnded: ended,
    onForgotten: (entry) => logs.forget(entry.id),
  });
  const pauses = new QueuePauses({ ...options, onChange: queueChanged });
  const scheduler = new Scheduler({ ...options, start: (id) => starter.begin(views.entry(id)) });
  const demands = new Demands({ ...options, machine, claimantOf: (name) => scheduler.claimants.of(name) });
  const dependencies = new DependencyTrigger({
    ...options,
    board,
    changes,
    scheduler,
    enter: enqueue,
    leave: (entry) => waitingRoom.leave(entry),
  });
  const delays = new Delays({ ...options, changes, onDue: () => scheduler.tick() });
  const waitingRoom = new WaitingRoom([dependencies, delays], (entry) => scheduler.add(ticketOf(entry)));
  const questions = new Questions({ ...options, changes, logs });
  const children = new Children({
    ...options,
    board,
    scheduler,
    submit: async (request, parent) => (await intake.submitBeneath(parent, request)).id,
    stop: (child) => control.cancellation.stop(child, "dependency"),
    view: (entry) => views.of(entry),
    isClosing: () => shutdown.isClosing,
  });
  const calls = new Calls({
    ask: (entry, { question }) => questions.ask(entry, question),
    submit: (entry, call) => children.submit(entry, call),
    wait: (entry, call) => children.wait(entry, call),
    cancel: (_, { id }) => control.cancellation.cancel(views.entry(id)),
  });
  const runner = new Runner({
    ...options,
    machine,
    board,
    changes,
    scheduler,
    nextOrder,
    enqueue: (entry) => {
      enqueue(entry);
      children.waits.goesOn(entry);
      scheduler.tick();
    },
    answer: (entry, call) => calls.answer(entry, call),
    logs,
    expectedSeconds: (task) => statistics.expectedSeconds(task),
    forgetCalls: (entry) => {
      questions.forget(entry);
      children.ended(entry);
    },
  });
  const starter = new Starter({ ...options, board, changes, scheduler, runner, enqueue });
  const retention = new Retention({
    ...options,
    board,
    remove: (entries) => changes.forgetUnchanged(entries),
  });
  const views = new Views({ board, scheduler, waitingRoom, statistics });
  const waiters = new Waiters({ ...options, board });
  const intake = new Intake({
    ...options,
    board,
    changes,
    demands,
    nextOrder,
    start: (task) => starter.create(task),
    accepted: (entries) => {
      for (const entry of entries) enqueue(entry);
      scheduler.tick();
    },
  });
  const control = new Control({
    ...options,
    board,
    changes,
    scheduler,
    waitingRoom,
    runner,
    demands,
    nextOrder,
    enqueue,
    reopened: (entry) => {
      dependencies.reopened(entry);
      pauses.letGoOn(entry.id);
    },
    refuseNewWork: () => {
      shutdown.refuseNewWork();
      intake.busy.refuse();
    },
  });
  const groups = new Groups({ board, cancel: (entry) => control.cancellation.cancel(entry) });
  const shutdown = new Shutdown({
    ...options,
    board,
    waiters,
    delays,
    scheduler,
    runner,
    logs,
    retention,
  });
  return {
    board,
    changes,
    delays,
    scheduler,
    pauses,
    runner,
    intake,
    control,
    logs,
    questions,
    retention,
    statistics,
    views,
    waiters,
    groups,
    machine,
    shutdown,
    order,
    enqueue,
  };

  function enqueue(entry: Entry): void {
    delays.begin(entry);
    waitingRoom.enter(entry);
  }

  function ended(entry: Entry): void {
    statistics.take(entry.stored.record);
    logs.ended(entry);
    retention.taskEnded();
    dependencies.ended(entry);
    if (entry.stored.memo.wishes?.parent !== undefined) children.forget(entry);
  }

  function queueChanged(pause: QueuePause | null): void {
    if (pause === null) machine.release();
    scheduler.setPause(pause);
    const paused_because = pause?.because ?? null;
    options.publish({ type: "queue_changed", task_id: null, paused: pause !== null, paused_because });
  }
}
