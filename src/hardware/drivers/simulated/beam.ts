// How much light of one single-mode fibre another takes in. Pure: where they stand in, a share of the light out.

/** Where the receiving fibre stands, seen from where all light would enter it. */
export interface Misalignment {
  readonly xUm: number;
  readonly yUm: number;
  /** Along the beam. */
  readonly zUm: number;
  readonly txDegrees: number;
  readonly tyDegrees: number;
  readonly tzDegrees: number;
}

export interface Fibre {
  /** Mode field radius, where the intensity has fallen to 1/e². */
  readonly waistUm: number;
  readonly wavelengthUm: number;
  /** From the axis a tilt turns about to the fibre's end: tilting it moves the end sideways. */
  readonly leverUm: number;
}

/**
 * Gaussian beam coupling of two equal modes with offset, gap and tilt at once: W. B. Joyce and B. C. DeLoach, "Alignment
 * of Gaussian beams", Applied Optics 23, 4187–4196 (1984). The two planes are independent of each other; a rotation
 * about the beam turns the polarisation, which Malus's law takes off.
 * @returns 0 to 1
 */
export function coupling(from: Misalignment, { waistUm, wavelengthUm, leverUm }: Fibre): number {
  const [tx, ty, tz] = [from.txDegrees, from.tyDegrees, from.tzDegrees].map(radians) as [
    number,
    number,
    number,
  ];
  const rayleigh = (Math.PI * waistUm ** 2) / wavelengthUm;
  const kappa = 1 / (1 + (from.zUm / (2 * rayleigh)) ** 2);
  const spotSquared = waistUm ** 2 * (1 + (from.zUm / rayleigh) ** 2);
  const plane = (offset: number, tilt: number): number =>
    (offset / waistUm) ** 2 +
    ((Math.PI * tilt) ** 2 * (spotSquared + waistUm ** 2)) / (2 * wavelengthUm ** 2) -
    (offset * tilt * from.zUm) / waistUm ** 2;
  const loss = plane(from.xUm + leverUm * Math.sin(ty), ty) + plane(from.yUm - leverUm * Math.sin(tx), tx);
  return kappa * Math.exp(-kappa * loss) * Math.cos(tz) ** 2;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
