// The program as an owner starts it: the settings as they are shipped, and the port that the clients' texts name.
import { createServer } from "node:net";
import { Program } from "../program.ts";

/** What stands in the documents. */
export const theirAddress = "localhost:8000";

/**
 * On port 8000; where another program has it, that is said, and the server listens on a free port.
 * @returns the program, and what turns a text that names `localhost:8000` into one that names where it listens
 */
export async function startOnDefaultPort(): Promise<{ program: Program; here: (text: string) => string }> {
  const program = await Program.create();
  if (await isFree(8000)) {
    // Empty counts as absent: the port is that of the settings.
    await program.start({ ARMATURE_PORT: "" });
    return { program, here: (text) => text };
  }
  await program.start();
  const { port } = new URL(program.url);
  console.warn(`Port 8000 is taken by another program: the reference clients are told to use ${port}.`);
  return { program, here: (text) => text.replaceAll(theirAddress, `localhost:${port}`) };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
