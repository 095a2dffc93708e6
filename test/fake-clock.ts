export * from "../src/lib/fake-clock.ts";
