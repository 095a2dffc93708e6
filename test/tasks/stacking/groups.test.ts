// Which photos of a scan belong together.
import { expect, test } from "vitest";
import { samplesOf } from "../../../tasks/core/scanner/_stacking/calibration.ts";
import { groupsIn } from "../../../tasks/core/scanner/_stacking/groups.ts";

test("photos are grouped by position, in the order of their focus, whatever else lies there", () => {
  const names = [
    "scan02_001_fs02.jpg",
    "scan02_001_fs01.jpg",
    "scan02_000_fs02.jpg",
    "scan02_000_fs01.jpg",
    "scan02_002.jpg",
    "scan02_002_fs01.tmp",
    "path.json",
    "metadata",
    "thumbnail.jpg",
  ];
  expect(groupsIn(names)).toEqual({
    focuses: ["fs01", "fs02"],
    complete: [
      { position: "000", photos: ["scan02_000_fs01.jpg", "scan02_000_fs02.jpg"] },
      { position: "001", photos: ["scan02_001_fs01.jpg", "scan02_001_fs02.jpg"] },
    ],
    incomplete: [],
  });
});

test("a group that lacks what another has is named, with what it lacks", () => {
  const names = ["000_fs01", "000_fs02", "000_fs03", "001_fs01", "001_fs03", "010_fs02"];
  expect(groupsIn(names.map((name) => `scan01_${name}.jpg`)).incomplete).toEqual([
    { position: "001", missing: ["fs02"] },
    { position: "010", missing: ["fs01", "fs03"] },
  ]);
});

test("numbers order positions and focuses, not letters", () => {
  const names = ["scan01_1000_fs9.jpg", "scan01_1000_fs10.jpg", "scan01_999_fs9.jpg", "scan01_999_fs10.jpg"];
  const { focuses, complete } = groupsIn(names);
  expect(focuses).toEqual(["fs9", "fs10"]);
  expect(complete.map(({ position }) => position)).toEqual(["999", "1000"]);
});

test("the first, the last and the one in the middle are calibrated on", () => {
  const letters = [..."abcdefg"];
  expect([7, 4, 3, 1].map((count) => samplesOf(letters.slice(0, count)).join(""))).toEqual([
    "adg",
    "acd",
    "abc",
    "a",
  ]);
});
