// Where a value stands in a document, as a person writes it: `tasks[2].parameters.steps`.

/** A number is a place in a list, a text the name of a key. */
export const fieldPath = (steps: readonly PropertyKey[]): string =>
  steps.reduce<string>((above, step) => {
    if (typeof step === "number") return `${above}[${step}]`;
    return above === "" ? String(step) : `${above}.${String(step)}`;
  }, "");
