import { expect, test } from "vitest";
import { BrokenJson, parseJson } from "../../src/settings/json-text.ts";

const problem = (text: string): string => {
  try {
    parseJson(text);
  } catch (error) {
    return (error as BrokenJson).message;
  }
  throw new Error(`${text} was taken`);
};

test.each([
  ["{,}", "line 1, column 2: expected a key in double quotes or '}', found ','"],
  ['{"a" 1}', "line 1, column 6: expected ':', found '1'"],
  ['{"a": }', "line 1, column 7: expected a value, found '}'"],
  ['{"a": 1 "b": 2}', "line 1, column 9: expected ',' or '}', found \"b\""],
  ["[1 2]", "line 1, column 4: expected ',' or ']', found '2'"],
  ["[1,]", "line 1, column 4: expected a value, found ']'"],
  ['{"a": [1}', "line 1, column 9: expected ',' or ']', found '}'"],
  ["{} {}", "line 1, column 4: expected the end of the file, found '{'"],
  ['{"a": 1', "line 1, column 8: expected ',' or '}', found the end of the file"],
  [
    "{\n  // hello\n}",
    "line 2, column 3: expected a key in double quotes or '}', found a comment (JSON has none)",
  ],
  ["{\n  'a': 1\n}", "line 2, column 3: expected a key in double quotes or '}', found '''"],
  ['{"a": yes}', "line 1, column 7: expected a value, found 'yes'"],
  ['{"a": 01}', "line 1, column 7: expected a value, found '01'"],
  ['{"a": "b}\n', 'line 1, column 7: expected a value, found "b}'],
])("%j breaks where it breaks", (text, sentence) => {
  expect(problem(text)).toBe(sentence);
});

test("the place is found in every broken text, and never behind it", () => {
  const whole = '{"a":[1,-2.5e3,true,null,"x\\u00e9\\n"],"b":{"c":{}},"d":[]}';
  expect(parseJson(whole)).toEqual(JSON.parse(whole));
  for (let at = 0; at < whole.length; at++) {
    const cut = whole.slice(0, at);
    expect(() => parseJson(cut)).toThrow(BrokenJson);
    expect(() => parseJson(cut)).toThrow(/^line 1, column/);
    const damaged = `${cut}#${whole.slice(at + 1)}`;
    try {
      JSON.parse(damaged); // inside a string nothing breaks
    } catch {
      expect(() => parseJson(damaged)).toThrow(BrokenJson);
    }
  }
});
