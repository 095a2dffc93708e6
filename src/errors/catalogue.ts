// Every error a user can meet: code -> kind, sentence, remedy. docs/errors.md has one section for each (a test says so).
import { access } from "./catalogue/access.ts";
import { cloud } from "./catalogue/cloud.ts";
import { conflicts } from "./catalogue/conflicts.ts";
import { devices } from "./catalogue/devices.ts";
import { endings } from "./catalogue/endings.ts";
import { lanes } from "./catalogue/lanes.ts";
import { machine } from "./catalogue/machine.ts";
import { requests } from "./catalogue/requests.ts";

export type { CatalogueEntry, ErrorKind } from "./entry.ts";

export const catalogue = {
  ...requests,
  ...conflicts,
  ...access,
  ...endings,
  ...lanes,
  ...devices,
  ...cloud,
  ...machine,
};

export type ErrorCode = keyof typeof catalogue;
