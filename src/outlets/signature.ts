// What a receiver checks: that the body is ours, and not an old one sent again.
import { createHmac } from "node:crypto";

/** HMAC-SHA256 of `<timestamp>.<body>`, hex, with the name of the method before it. */
export const signatureOf = (body: string, timestamp: number, secret: string): string =>
  `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
