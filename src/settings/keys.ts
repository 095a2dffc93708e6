// The keys of a settings file as dotted paths, read from its JSON Schema. Knows no file and no value's meaning.
import { z } from "zod";

/** As much of JSON Schema as zod writes for us. */
export interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly restart?: boolean;
  /** Nobody is shown its value. */
  readonly secret?: boolean;
}

/** Draft 7 is what editors read best. */
export const schemaOf = (schema: z.ZodType): SchemaNode =>
  z.toJSONSchema(schema, { io: "input", target: "draft-07", unrepresentable: "any" }) as SchemaNode;

export interface Key {
  readonly path: string;
  /** A change is taken up by the next start only. */
  readonly restart: boolean;
}

/** Every key that holds a value of its own. */
export function keysOf(node: SchemaNode, above = ""): Key[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, below]) => {
    const path = above === "" ? name : `${above}.${name}`;
    return below.properties ? keysOf(below, path) : [{ path, restart: below.restart === true }];
  });
}

/** The names an object at `path` may have. */
export function namesAt(node: SchemaNode, path: readonly PropertyKey[]): string[] {
  return [...new Set(nodesAt(node, path).flatMap((at) => Object.keys(at.properties ?? {})))];
}

function nodesAt(node: SchemaNode, path: readonly PropertyKey[]): SchemaNode[] {
  let nodes = variants(node);
  for (const step of path) {
    nodes = nodes.flatMap((at) => {
      const { additionalProperties: rest } = at;
      const below =
        at.properties?.[String(step)] ?? (typeof rest === "object" ? rest : undefined) ?? at.items;
      return below ? variants(below) : [];
    });
  }
  return nodes;
}

/** True where the value at `path` is nobody's business. */
export function isSecret(node: SchemaNode, path: readonly PropertyKey[]): boolean {
  return nodesAt(node, path).some(({ secret }) => secret === true);
}

const variants = (node: SchemaNode): SchemaNode[] => [
  node,
  ...[...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(variants),
];

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined),
    value,
  );
}

export type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `changes` over `base`: objects are merged, everything else (lists too) is replaced. */
export function merge(base: Tree, changes: Tree): Tree;
export function merge(base: unknown, changes: unknown): unknown;
export function merge(base: unknown, changes: unknown): unknown {
  if (!isTree(base) || !isTree(changes)) return changes;
  // fromEntries makes own properties whatever their name: `__proto__` stays a key, which the schema then refuses.
  return Object.fromEntries([
    ...Object.entries(base).map(([name, value]) => [
      name,
      Object.hasOwn(changes, name) ? merge(value, changes[name]) : value,
    ]),
    ...Object.entries(changes).filter(([name]) => !Object.hasOwn(base, name)),
  ]);
}

/** `{"server.port": 1}` -> `{server: {port: 1}}` */
export function treeOf(values: Readonly<Record<string, unknown>>): Tree {
  return Object.entries(values).reduce<Tree>(
    (tree, [path, value]) => merge(tree, branch(path.split("."), value)),
    {},
  );
}

const branch = ([name = "", ...below]: string[], value: unknown): Tree => ({
  [name]: below.length > 0 ? branch(below, value) : value,
});
