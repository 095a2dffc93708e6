// The curl examples of a page, typed into a shell in their order.
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "vitest";
import { codeBlocksOf } from "./page.ts";

export const canCurl = (() => {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.info("curl is not there: the examples of the pages are not run");
    return false;
  }
})();

/** Notes the status of every answer; a stream that was cut off by --max-time is no failure. */
const watchedCurl = `curl() {
  command curl -w '%{stderr}status %{http_code}\\n' "$@" || [ $? -eq 28 ]
}
`;

/** Each is answered with what stands behind it (`# 404`), the others well. @returns what they print */
export async function typeCurls(page: string, url: string): Promise<string> {
  const script = codeBlocksOf(page)
    .filter(({ language }) => language === "sh")
    .map(({ code }) => code)
    .join("\n")
    .replace("http://127.0.0.1:8000", url);
  const { stdout, stderr } = await promisify(execFile)("sh", ["-euc", watchedCurl + script]);
  const answered = [...stderr.matchAll(/^status (\d+)$/gm)].map((match) => Number(match[1]));
  const commands = script.split("\n").filter((line) => /\bcurl /.test(line));
  expect(answered).toHaveLength(commands.length);
  commands.forEach((command, index) => {
    const promised = /# (\d{3})$/.exec(command)?.[1];
    if (promised) expect(answered[index], command).toBe(Number(promised));
    else expect([200, 202, 204], command).toContain(answered[index]);
  });
  return stdout;
}
