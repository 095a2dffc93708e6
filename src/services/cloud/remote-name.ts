// Under which name a project is known to the cloud: safe in a URL and on any disk, and never the same twice.

const longest = 60;

/** @param ms now, in milliseconds since 1970 */
export function remoteNameOf(project: string, ms: number): string {
  const plain = project
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, longest);
  return `${plain || "project"}-${Math.floor(ms)}.zip`;
}
