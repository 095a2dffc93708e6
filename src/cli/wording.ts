// What the server tells those who speak HTTP, for a person at a terminal: where a request has a command, the command.
const commands: readonly (readonly [request: RegExp, command: string])[] = [
  [/GET \/task-types lists/g, "`armature list` lists"],
  [/GET \/plugins says/g, "`armature doctor` says"],
  [/GET \/tasks lists/g, "`armature list tasks` lists"],
  [/GET \/devices lists/g, "`armature list devices` lists"],
  [/POST \/queue\/resume/g, "`armature resume`"],
  [
    /Mend the fields named under 'errors'; GET \/task-types\/(\w+) has the schema\./g,
    "Mend what is named there; `armature run $1 --help` lists the parameters.",
  ],
  [
    /`errors` names each place; the record's question\.schema says what is expected\./g,
    "Mend what is named there, and answer again.",
  ],
];

/** `GET /task-types lists …` -> `` `armature list` lists … `` */
export const atTheTerminal = (text: string): string =>
  commands.reduce((said, [request, command]) => said.replace(request, command), text);
