// Answers what running tasks ask of the runtime: each kind of call by the part that knows.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Entry } from "../board/entry.ts";
import type { Call } from "../ports.ts";

type Answers = {
  readonly [To in Call["to"]]?: (entry: Entry, call: Extract<Call, { to: To }>) => Promise<unknown>;
};

export class Calls {
  readonly #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  async answer(entry: Entry, call: Call): Promise<unknown> {
    const answer = this.#answers[call.to] as ((entry: Entry, call: Call) => Promise<unknown>) | undefined;
    if (!answer) throw new RuntimeError("CALL_ABANDONED", { call: call.to });
    return answer(entry, call);
  }
}
