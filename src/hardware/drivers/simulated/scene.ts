// The pot as the camera sees it: projected, shaded and sorted into an SVG. Arithmetic only, a few milliseconds.
import { type DepthScale, greyOf } from "./depth.ts";
import { type Colour, type Face, pot } from "./pot.ts";
import { centre, cross, dot, length, minus, plus, unit, type Vector } from "./vector.ts";

export interface Pose {
  /** 0 looks straight down, 90 from the side. */
  readonly rotorDegrees: number;
  readonly turntableDegrees: number;
}

export interface Frame extends Pose {
  readonly width: number;
  readonly height: number;
  /** How much larger everything is than usual. */
  readonly growth: number;
}

export interface SceneOptions extends Frame {
  /** 1 is a well exposed photo; the light being off and short exposures make it darker. */
  readonly brightness: number;
}

const faces = pot();
/** To the middle of what it looks at, in the pot's own measure. */
const cameraDistance = 330;
/** What the camera looks at, in millimetres above the plate. */
const aim = 30;
/** A lamp beside and above the camera; it does not turn with the object. */
const lamp = unit([-0.5, -0.62, 0.72]);

interface View {
  readonly turn: (point: Vector) => Vector;
  readonly project: (point: Vector) => readonly [x: number, y: number];
  /** How far it lies before the lens, along the axis. */
  readonly depth: (point: Vector) => number;
  readonly eye: Vector;
}

/** From the lens to the sensor, as a number of pixels. */
export const focalPx = ({ width, height, growth }: Omit<Frame, keyof Pose>): number =>
  Math.min(width, height * 1.33) * 1.72 * growth;

export function sceneAsSvg(options: SceneOptions): string {
  const { width, height, brightness } = options;
  const view = viewOf(options);
  const seen = allSeen(view);
  const back = (colour: Colour): string => css(colour, brightness);
  const shadow = shadowOf(view);
  const painted = (layers: (layer: number) => boolean): string =>
    seen
      .flatMap(({ layer, points, colour }) => (layers(layer) ? polygon(points, css(colour, brightness)) : []))
      .join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<defs><radialGradient id="back" cx="0.5" cy="0.42" r="0.8">` +
    `<stop offset="0" stop-color="${back([226, 228, 230])}"/><stop offset="1" stop-color="${back([146, 152, 160])}"/>` +
    `</radialGradient></defs><rect width="100%" height="100%" fill="url(#back)"/>` +
    `${painted((layer) => layer < 2)}<polygon points="${shadow}" fill="#000" fill-opacity="0.28"/>` +
    `${painted((layer) => layer >= 2)}</svg>`
  );
}

export interface DepthMap {
  /** Grey: 0 is the background, 1 the farthest face, 255 the nearest. */
  readonly svg: string;
  readonly scale: DepthScale;
}

/** How near each face is. @param distanceMm from the lens to the middle: it says how large the pot is */
export function depthsAsSvg(options: Frame, distanceMm: number): DepthMap {
  const { width, height } = options;
  const dioptresOf = ({ depth }: Seen): number => (1000 * cameraDistance) / (depth * distanceMm);
  const seen = allSeen(viewOf(options));
  const all = seen.map(dioptresOf);
  const scale = { farthest: Math.min(...all), nearest: Math.max(...all) };
  const painted = seen.map((face) => {
    const grey = greyOf(dioptresOf(face), scale);
    return polygon(face.points, css([grey, grey, grey], 1));
  });
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="100%" height="100%" fill="#000"/>${painted.join("")}</svg>`;
  return { svg, scale };
}

const allSeen = (view: View): Seen[] => faces.flatMap((face) => see(face, view)).sort(backToFront);

function viewOf({ rotorDegrees, turntableDegrees, ...frame }: Frame): View {
  const { width, height } = frame;
  const turn = (turntableDegrees * Math.PI) / 180;
  const theta = (rotorDegrees * Math.PI) / 180;
  const [sinTurn, cosTurn] = [Math.sin(turn), Math.cos(turn)];
  const [sinTheta, cosTheta] = [Math.sin(theta), Math.cos(theta)];
  const focal = focalPx(frame);
  const depthOf = ([, y, z]: Vector): number => cameraDistance - (-y * sinTheta + (z - aim) * cosTheta);
  return {
    turn: ([x, y, z]) => [x * cosTurn - y * sinTurn, x * sinTurn + y * cosTurn, z],
    project: ([x, y, z]) => {
      const up = z - aim;
      const depth = depthOf([x, y, z]);
      const rise = y * cosTheta + up * sinTheta;
      return [width / 2 + (focal * x) / depth, height / 2 - (focal * rise) / depth];
    },
    depth: depthOf,
    eye: [0, -cameraDistance * sinTheta, aim + cameraDistance * cosTheta],
  };
}

interface Seen {
  readonly layer: number;
  readonly far: number;
  readonly depth: number;
  readonly points: string;
  readonly colour: Colour;
}

const backToFront = (a: Seen, b: Seen): number => a.layer - b.layer || b.far - a.far;

/** The face as the camera has it, or nothing where it looks away. */
function see(face: Face, view: View): Seen[] {
  const corners = face.corners.map(view.turn);
  const [a, b, c] = corners as [Vector, Vector, Vector];
  const normal = unit(cross(minus(b, a), minus(c, a)));
  const middle = centre(corners);
  const toEye = unit(minus(view.eye, middle));
  if (dot(normal, toEye) <= 0) return [];
  const lit = Math.max(0, dot(normal, lamp));
  const shine = face.gloss * Math.max(0, dot(normal, unit(plus(lamp, toEye)))) ** 24;
  const colour = face.colour.map((part) => part * (0.4 + 0.68 * lit) + 150 * shine) as [
    number,
    number,
    number,
  ];
  const points = asPoints(corners.map(view.project));
  return [
    {
      layer: face.layer,
      far: length(minus(view.eye, middle)),
      depth: view.depth(middle),
      points,
      colour,
    },
  ];
}

/** The stroke closes the hairlines between neighbours. */
const polygon = (points: string, colour: string): string =>
  `<polygon points="${points}" fill="${colour}" stroke="${colour}" stroke-width="0.7" stroke-linejoin="round"/>`;

/** The pot's shadow: a disc of its greatest width, moved away from the lamp. */
function shadowOf(view: View): string {
  const disc = Array.from({ length: 40 }, (_, step): Vector => {
    const angle = (step / 40) * 2 * Math.PI;
    return [13 + 33 * Math.cos(angle), 14 + 32 * Math.sin(angle), 0.1];
  });
  return view.eye[2] > 0 ? asPoints(disc.map(view.project)) : "";
}

const asPoints = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");

function css(colour: Colour, brightness: number): string {
  return `rgb(${colour.map((part) => Math.round(Math.min(255, part * brightness))).join()})`;
}
