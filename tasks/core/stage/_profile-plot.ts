// A profile as a picture: position against power, with its peak and its width. Pure: numbers in, SVG out.
import type { AxisUnit, Profile, ProfilePoint } from "armature/task";

const size = { width: 800, height: 500 };
const frame = { left: 90, right: 770, top: 70, bottom: 430 };
const units: Readonly<Record<AxisUnit, string>> = { um: "µm", degrees: "°" };
const font = "font-family: system-ui, sans-serif";

interface Scale {
  readonly ticks: readonly number[];
  /** Pixels. */
  at(value: number): number;
}

export function profileAsSvg(axis: string, unit: AxisUnit, profile: Profile): string {
  const { points, peak, fullWidthHalfMaximum: width } = profile;
  const positions = points.map(({ position }) => position);
  const powers = [...points.map(({ powerUw }) => powerUw), peak.powerUw];
  const [lowest, highest] = [Math.min(0, ...powers), Math.max(...powers)];
  const x = scaleOf([Math.min(...positions), Math.max(...positions)], [frame.left, frame.right]);
  const y = scaleOf([lowest, highest + (highest - lowest) / 20], [frame.bottom, frame.top]);
  const facts = [
    `peak ${short(peak.powerUw)} µW at ${short(peak.position)} ${units[unit]}`,
    width === null ? "does not fall to half" : `full width at half maximum ${short(width)} ${units[unit]}`,
  ];
  const line = points.map((point) => place(point, x, y)).join(" ");
  const [peakX, peakY] = [x.at(peak.position).toFixed(1), y.at(peak.powerUw).toFixed(1)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" ` +
      `width="${size.width}" height="${size.height}" role="img" style="${font}">`,
    `<title>Power along ${escaped(axis)}: ${facts.join(", ")}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(frame.left, 34, `Power along ${escaped(axis)}`, "start", 20, "#1a1a1a"),
    text(frame.left, 56, facts.join(" · "), "start", 14, "#555555"),
    ...x.ticks.map((tick) => verticalTick(x.at(tick), short(tick))),
    ...y.ticks.map((tick) => horizontalTick(y.at(tick), short(tick))),
    `<rect x="${frame.left}" y="${frame.top}" width="${frame.right - frame.left}" ` +
      `height="${frame.bottom - frame.top}" fill="none" stroke="#555555"/>`,
    `<line x1="${peakX}" x2="${peakX}" y1="${frame.bottom}" y2="${peakY}" stroke="#d9480f" stroke-dasharray="4 4"/>`,
    `<polyline points="${line}" fill="none" stroke="#1c6dd0" stroke-width="2" stroke-linejoin="round"/>`,
    ...(points.length <= 200 ? points.map((point) => dot(point, x, y)) : []),
    `<circle cx="${peakX}" cy="${peakY}" r="5" fill="none" stroke="#d9480f" stroke-width="2"/>`,
    text(
      (frame.left + frame.right) / 2,
      480,
      `${escaped(axis)} position (${units[unit]})`,
      "middle",
      15,
      "#1a1a1a",
    ),
    `<text transform="translate(28 ${(frame.top + frame.bottom) / 2}) rotate(-90)" text-anchor="middle" ` +
      `font-size="15" fill="#1a1a1a">power (µW)</text>`,
    "</svg>\n",
  ].join("\n");
}

/** With ticks at round numbers. */
function scaleOf([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const span = high - low || 1;
  const rough = span / 6;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * decade >= rough) as number) * decade;
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= low + span + 1e-9 * step; index++)
    ticks.push(index * step);
  return { ticks, at: (value) => from + ((value - low) / span) * (to - from) };
}

const place = ({ position, powerUw }: ProfilePoint, x: Scale, y: Scale): string =>
  `${x.at(position).toFixed(1)},${y.at(powerUw).toFixed(1)}`;

function dot(point: ProfilePoint, x: Scale, y: Scale): string {
  const [cx, cy] = place(point, x, y).split(",");
  return `<circle cx="${cx}" cy="${cy}" r="2.5" fill="#1c6dd0"/>`;
}

const verticalTick = (at: number, label: string): string =>
  `<line x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${frame.top}" y2="${frame.bottom}" stroke="#e4e4e4"/>` +
  text(at, frame.bottom + 22, label, "middle", 13, "#333333");

const horizontalTick = (at: number, label: string): string =>
  `<line x1="${frame.left}" x2="${frame.right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}" stroke="#e4e4e4"/>` +
  text(frame.left - 10, at + 4, label, "end", 13, "#333333");

function text(x: number, y: number, content: string, anchor: string, pixels: number, fill: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-size="${pixels}" fill="${fill}">${content}</text>`;
}

/** Four digits, without the noise of floating point; a real minus sign. */
const short = (value: number): string => String(Number(value.toPrecision(4))).replace("-", "−");

const escaped = (name: string): string => name.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
