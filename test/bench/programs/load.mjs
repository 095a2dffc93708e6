// Sends requests as fast as they are answered and prints how many that were. JavaScript: autocannon has no types.
import autocannon from "autocannon";

const { url, body, connections, seconds, requests, warmUpRequests = 0 } = JSON.parse(process.argv[2]);

/** Looks every 50 ms whether the time is over, so that short measurements end in time. */
const options = {
  url,
  connections,
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
  sampleInt: 50,
};

if (warmUpRequests > 0) await autocannon({ ...options, amount: warmUpRequests });
const startedAt = Date.now();
const run = autocannon({
  ...options,
  ...(requests === undefined ? { duration: seconds } : { amount: requests }),
});
const result = await run;
const failed = result.non2xx + result.errors + result.timeouts;
console.log(JSON.stringify({ startedAt, perSecond: result["2xx"] / result.duration, failed }));
