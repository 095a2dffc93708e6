import { expect, test } from "vitest";
import { isPublic, problemOfUrl } from "../../src/lib/public-address.ts";

test.each([
  "127.0.0.1",
  "127.255.0.1",
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "192.0.0.8",
  "198.18.0.1",
  "203.0.113.7",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:a00:1",
  "64:ff9b::10.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "fe80::1",
  "fe80::1%eth0",
  "fc00::1",
  "fd12:3456::1",
  "fec0::1",
  "ff02::1",
  "2001:db8::1",
  "2001::1",
  "2002:7f00:1::",
  "100::1",
  "not an address",
  "",
])("%s is not public", (address) => {
  expect(isPublic(address)).toBe(false);
});

test.each([
  "1.1.1.1",
  "8.8.8.8",
  "100.63.255.255",
  "172.32.0.1",
  "192.167.255.255",
  "223.255.255.255",
  "2606:4700::1111",
  "2a00:1450:4001::1",
  "::ffff:8.8.8.8",
  "64:ff9b::8.8.8.8",
])("%s is public", (address) => {
  expect(isPublic(address)).toBe(true);
});

test.each([
  ["lab.example/hook", "is not a URL"],
  ["ftp://lab.example", "begins with ftp:"],
  ["file:///etc/passwd", "begins with file:"],
  ["https://me:secret@lab.example", "carries a name or password"],
])("%s %s, whatever is allowed", (url, problem) => {
  expect(problemOfUrl(url, true)).toContain(problem);
  expect(problemOfUrl(url, false)).toContain(problem);
});

test.each([
  "http://localhost:8000",
  "http://LOCALHOST./x",
  "http://api.localhost",
  "http://127.1",
  "http://2130706433",
  "http://0x7f.0.0.1",
  "http://017700000001",
  "http://[::1]:9000",
  "http://[::ffff:127.0.0.1]",
  "http://192.168.0.10/hook",
])("%s leads inside, however it is written", (url) => {
  expect(problemOfUrl(url, false)).toContain("is not a public address");
  expect(problemOfUrl(url, true)).toBeNull();
});

test("a name is taken as it is: what it stands for is known when it is looked up", () => {
  expect(problemOfUrl("https://lab.example/hook?key=1", false)).toBeNull();
});
