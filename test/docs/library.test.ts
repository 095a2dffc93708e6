// The program of docs/library.md, as its reader runs it.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { codeBlocksOf, read } from "./page.ts";
import { programFolder, runNode } from "./program.ts";

const app =
  codeBlocksOf(read("docs/library.md")).find(({ code }) => code.startsWith("// app.ts"))?.code ?? "";

test("the program runs, prints what it says, and ends by itself", async () => {
  const folder = await programFolder();
  await writeFile(path.join(folder, "app.ts"), app);
  expect(await runNode(folder, ["app.ts"])).toEqual({
    stdout: "3\ncompleted hello { user: 'ada' }\n",
    stderr: "",
  });
});

test("with blame, an error nobody awaits fails its task and spares the program", async () => {
  const folder = await programFolder();
  const source = `
    import { createRuntime } from "armature";
    const runtime = await createRuntime({ log: "silent" });
    process.on("unhandledRejection", (error) => { if (!runtime.blame(error)) throw error; });
    const { id } = await runtime.tasks.submit(async (ctx) => {
      void Promise.reject(new Error("nobody waits for me"));
      await ctx.sleep(10_000);
    });
    console.log((await runtime.tasks.waitFor(id)).error);
    await runtime.close();
  `;
  await writeFile(path.join(folder, "app.ts"), source);
  expect((await runNode(folder, ["app.ts"])).stdout).toBe("nobody waits for me\n");
});
