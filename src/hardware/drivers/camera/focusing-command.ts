// A camera behind a program that can be told where to focus: with more arguments, for each photo anew.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Focusable, WaitOptions } from "../../../task/devices.ts";
import type { DriverContext } from "../../device.ts";
import { refuseFocusOutside } from "../../lens.ts";
import { CommandCamera } from "./command.ts";
import type { CommandCameraOptions } from "./options.ts";
import { fill } from "./placeholders.ts";

type FocusOptions = NonNullable<CommandCameraOptions["focus"]>;

export class FocusingCommandCamera extends CommandCamera implements Focusable {
  override readonly capabilities = ["capturing", "focusable"] as const;
  readonly #focus: FocusOptions;
  #dioptres: number | null = null;

  constructor(options: CommandCameraOptions, focus: FocusOptions, context: DriverContext, program: string) {
    super(options, context, program);
    this.#focus = focus;
  }

  get focusDioptres(): number | null {
    return this.#dioptres;
  }

  get focusLimits() {
    const { min_dioptres: minDioptres, max_dioptres: maxDioptres } = this.#focus;
    return { minDioptres, maxDioptres };
  }

  /** The lens moves with the next photo: there is no program in between. */
  async focusAt(dioptres: number, { signal }: WaitOptions = {}): Promise<void> {
    refuseFocusOutside(this, dioptres);
    this.#set(dioptres, signal);
  }

  async autofocus({ signal }: WaitOptions = {}): Promise<void> {
    this.#set(null, signal);
  }

  protected override get moreArguments(): readonly string[] {
    if (this.#dioptres === null) return [];
    // Programs take no more digits, and no exponents.
    const values = { focus_dioptres: Number(this.#dioptres.toFixed(4)).toString() };
    return this.#focus.arguments.map((argument) => fill(argument, values));
  }

  #set(dioptres: number | null, signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.doing) throw new RuntimeError("DEVICE_BUSY", { device: this.name, doing: this.doing });
    this.#dioptres = dioptres;
    this.context.changed();
  }
}
