// The API's description of itself: the OpenAPI document, and a page to read and try it. Nothing comes from elsewhere.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { ApiParts } from "../parts.ts";
import { type Route, route } from "../route.ts";

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Armature: the API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`;

/** Asks for the token only where the server does, and keeps it as long as the tab is open. */
const start = `const keep = sessionStorage;
const load = async () => {
  const token = keep.getItem("token");
  const headers = token ? { Authorization: "Bearer " + token } : {};
  const answer = await fetch("/openapi.json", { headers });
  if (answer.status === 401) {
    const typed = prompt("This server wants a token");
    if (typed) { keep.setItem("token", typed); return load(); }
  }
  return answer.json();
};
load().then((spec) => SwaggerUIBundle({
  spec,
  dom_id: "#page",
  deepLinking: true,
  requestInterceptor(request) {
    const token = keep.getItem("token");
    if (token) request.headers.Authorization ??= "Bearer " + token;
    return request;
  },
}));
`;

const types: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

/** @param routes every route, known once all are made */
export const docsRoutes = (
  { types: taskTypes, version }: ApiParts,
  routes: () => readonly Route[],
): Route[] => {
  let made: { readonly from: string; readonly text: string } | null = null;
  return [
    route({
      method: "get",
      path: "/openapi.json",
      tag: "docs",
      summary: "This document, with the parameters of every task type.",
      answers: { 200: "application/json" },
      async handle() {
        const from = taskTypes
          .names()
          .map((name) => `${name} ${taskTypes.get(name)?.source.hash}`)
          .join("\n");
        if (made?.from !== from) {
          const { openApiDocument } = await import("../openapi.ts");
          made = { from, text: JSON.stringify(openApiDocument(routes(), taskTypes, version)) };
        }
        return new Response(made.text, { headers: { "Content-Type": "application/json" } });
      },
    }),
    route({
      method: "get",
      path: "/docs",
      tag: "docs",
      summary: "A page to read this and try it.",
      answers: { 200: "text/html" },
      handle: () => new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } }),
    }),
    route({
      method: "get",
      path: "/docs/{file}",
      tag: "docs",
      summary: "What that page is made of.",
      answers: { 200: "application/octet-stream" },
      async handle({ params: { file: name } }) {
        if (name === "start.js")
          return new Response(start, { headers: { "Content-Type": "text/javascript; charset=utf-8" } });
        const type = Object.hasOwn(types, name) ? types[name] : undefined;
        if (!type)
          throw new RuntimeError("UNKNOWN_ROUTE", { method: "GET", path: `/docs/${name}`, hint: "" });
        const require = createRequire(import.meta.url);
        const folder = path.dirname(require.resolve("swagger-ui-dist/package.json"));
        const content = await readFile(path.join(folder, name));
        return new Response(content, { headers: { "Content-Type": type, "Cache-Control": "max-age=86400" } });
      },
    }),
  ];
};
