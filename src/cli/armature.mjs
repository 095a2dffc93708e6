#!/usr/bin/env node
// The program `armature`: joined where that can be done here, else as its sources are.
import { joined } from "../lib/joined/joined.mjs";

await import((await joined("cli/program.mjs")) ?? "./program.mjs");
