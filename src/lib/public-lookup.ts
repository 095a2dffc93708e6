// Looks up names for connections that may lead to public addresses only. It is checked where the connection is made: a
// name that changes its mind between the check and the connection gains nothing.
import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { isPublic } from "./public-address.ts";

/** Nothing was sent, and nothing ever will be while the address is what it is. */
export class NotPublic extends Error {
  override readonly name = "NotPublic";
}

/** Resolves as the system does, and hands on addresses that are public, or none: then with NotPublic. */
export function publicLookup(lookup: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error || first === undefined) return callback(error ?? new Error(`${hostname} has no address`), []);
      const hidden = found.find(({ address }) => !isPublic(address));
      if (hidden)
        return callback(
          new NotPublic(`${hostname} leads to ${hidden.address}, which is not a public address`),
          [],
        );
      if (options.all) return callback(null, found);
      callback(null, first.address, first.family);
    });
  };
}
