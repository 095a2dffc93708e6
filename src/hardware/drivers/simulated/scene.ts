// The pot as the camera sees it: projected, shaded and sorted into an SVG. Arithmetic only, a few milliseconds.
import { type Colour, type Face, pot } from "./pot.ts";
import { centre, cross, dot, length, minus, plus, unit, type Vector } from "./vector.ts";

export interface Pose {
  /** 0 looks straight down, 90 from the side. */
  readonly rotorDegrees: number;
  readonly turntableDegrees: number;
}

export interface SceneOptions extends Pose {
  readonly width: number;
  readonly height: number;
  /** 1 is a well exposed photo; the light being off and short exposures make it darker. */
  readonly brightness: number;
}

const faces = pot();
const cameraDistance = 330;
/** What the camera looks at, in millimetres above the plate. */
const aim = 30;
/** A lamp beside and above the camera; it does not turn with the object. */
const lamp = unit([-0.5, -0.62, 0.72]);

interface View {
  readonly turn: (point: Vector) => Vector;
  readonly project: (point: Vector) => readonly [x: number, y: number];
  readonly eye: Vector;
}

export function sceneAsSvg(options: SceneOptions): string {
  const { width, height, brightness } = options;
  const view = viewOf(options);
  const seen = faces.flatMap((face) => see(face, view, brightness)).sort(backToFront);
  const back = (colour: Colour): string => css(colour, brightness);
  const shadow = shadowOf(view);
  const painted = (layers: (layer: number) => boolean): string =>
    seen.flatMap(({ layer, svg }) => (layers(layer) ? svg : [])).join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<defs><radialGradient id="back" cx="0.5" cy="0.42" r="0.8">` +
    `<stop offset="0" stop-color="${back([226, 228, 230])}"/><stop offset="1" stop-color="${back([146, 152, 160])}"/>` +
    `</radialGradient></defs><rect width="100%" height="100%" fill="url(#back)"/>` +
    `${painted((layer) => layer < 2)}<polygon points="${shadow}" fill="#000" fill-opacity="0.28"/>` +
    `${painted((layer) => layer >= 2)}</svg>`
  );
}

function viewOf({ rotorDegrees, turntableDegrees, width, height }: SceneOptions): View {
  const turn = (turntableDegrees * Math.PI) / 180;
  const theta = (rotorDegrees * Math.PI) / 180;
  const [sinTurn, cosTurn] = [Math.sin(turn), Math.cos(turn)];
  const [sinTheta, cosTheta] = [Math.sin(theta), Math.cos(theta)];
  const focal = Math.min(width, height * 1.33) * 1.72;
  return {
    turn: ([x, y, z]) => [x * cosTurn - y * sinTurn, x * sinTurn + y * cosTurn, z],
    project: ([x, y, z]) => {
      const up = z - aim;
      const depth = cameraDistance - (-y * sinTheta + up * cosTheta);
      const rise = y * cosTheta + up * sinTheta;
      return [width / 2 + (focal * x) / depth, height / 2 - (focal * rise) / depth];
    },
    eye: [0, -cameraDistance * sinTheta, aim + cameraDistance * cosTheta],
  };
}

interface Seen {
  readonly layer: number;
  readonly far: number;
  readonly svg: string;
}

const backToFront = (a: Seen, b: Seen): number => a.layer - b.layer || b.far - a.far;

/** The face as a polygon, or nothing where it looks away. */
function see(face: Face, view: View, brightness: number): Seen[] {
  const corners = face.corners.map(view.turn);
  const [a, b, c] = corners as [Vector, Vector, Vector];
  const normal = unit(cross(minus(b, a), minus(c, a)));
  const middle = centre(corners);
  const toEye = unit(minus(view.eye, middle));
  if (dot(normal, toEye) <= 0) return [];
  const lit = Math.max(0, dot(normal, lamp));
  const shine = face.gloss * Math.max(0, dot(normal, unit(plus(lamp, toEye)))) ** 24;
  const [red, green, blue] = face.colour.map((part) => part * (0.4 + 0.68 * lit) + 150 * shine) as [
    number,
    number,
    number,
  ];
  const colour = css([red, green, blue], brightness);
  const points = asPoints(corners.map(view.project));
  return [
    {
      layer: face.layer,
      far: length(minus(view.eye, middle)),
      // The stroke closes the hairlines between neighbours.
      svg: `<polygon points="${points}" fill="${colour}" stroke="${colour}" stroke-width="0.7" stroke-linejoin="round"/>`,
    },
  ];
}

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
