// Strict JSON that says where it breaks, by line and column: Node's own parser often does not.
import { withoutPasswords } from "../lib/without-passwords.ts";

export class BrokenJson extends Error {
  override readonly name = "BrokenJson";
  readonly line: number;
  readonly column: number;

  constructor(text: string, offset: number, problem: string, options: ErrorOptions) {
    const before = text.slice(0, offset).split("\n");
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    super(`line ${line}, column ${column}: ${problem}`, options);
    this.line = line;
    this.column = column;
  }
}

/** @throws BrokenJson */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { offset, problem } = findBreak(text);
    throw new BrokenJson(text, offset, problem, { cause: error });
  }
}

const token =
  /([{}[\],:])|("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w))/uy;

/** Walks over the text with the grammar in a stack; only ever called for text that is known to be broken. */
function findBreak(text: string): { offset: number; problem: string } {
  const open: ("{" | "[")[] = [];
  let expected: Expectation = "value";
  let offset = 0;
  for (;;) {
    offset += /^[ \t\r\n]*/.exec(text.slice(offset))?.[0].length ?? 0;
    token.lastIndex = offset;
    const found = token.exec(text);
    const next: Expectation | null = found && follow(expected, kindOf(found), open);
    if (!next) return { offset, problem: `expected ${sentences[expected]}, found ${excerpt(text, offset)}` };
    expected = next;
    offset = token.lastIndex;
  }
}

type Expectation = keyof typeof sentences;
const sentences = {
  value: "a value",
  "value or ]": "a value or ']'",
  "key or }": "a key in double quotes or '}'",
  key: "a key in double quotes",
  ":": "':'",
  ", or }": "',' or '}'",
  ", or ]": "',' or ']'",
  end: "the end of the file",
} as const;

const kindOf = (found: RegExpExecArray): string =>
  found[1] ?? (found[2] === undefined ? "literal" : "string");

/** What may come after `kind` where `expected` was due, or null where `kind` does not fit. */
function follow(expected: Expectation, kind: string, open: ("{" | "[")[]): Expectation | null {
  const afterValue = (): Expectation => {
    const around = open.at(-1);
    return around === undefined ? "end" : around === "{" ? ", or }" : ", or ]";
  };
  const closes = (bracket: string): boolean => kind === bracket && expected.endsWith(bracket);
  if (closes("}") || closes("]")) {
    open.pop();
    return afterValue();
  }
  if (expected === "key" || expected === "key or }") return kind === "string" ? ":" : null;
  if (expected === ":") return kind === ":" ? "value" : null;
  if (expected === ", or }") return kind === "," ? "key" : null;
  if (expected === ", or ]") return kind === "," ? "value" : null;
  if (expected === "end") return null;
  if (kind === "string" || kind === "literal") return afterValue();
  if (kind !== "{" && kind !== "[") return null;
  open.push(kind);
  return kind === "{" ? "key or }" : "value or ]";
}

function excerpt(text: string, offset: number): string {
  const rest = withoutPasswords(text.slice(offset));
  if (rest === "") return text.trim() === "" ? "an empty file" : "the end of the file";
  if (rest.startsWith("//") || rest.startsWith("/*")) return "a comment (JSON has none)";
  const word = /^(?:[\w.+-]+|"[^"\n]{0,20}"?|.)/u.exec(rest)?.[0] ?? "";
  return word.startsWith('"') ? word : `'${word}'`;
}
