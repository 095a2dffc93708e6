// How sharp a grey picture is: arithmetic over pixels.

/** Of the interior, with the kernel 0 1 0, 1 -4 1, 0 1 0. @param pixels row by row, one byte each */
export function varianceOfLaplacian(pixels: Uint8Array, width: number, height: number): number {
  const count = (width - 2) * (height - 2);
  if (!(count > 0)) return 0;
  let [sum, squares] = [0, 0];
  for (let y = 1; y < height - 1; y++)
    for (let at = y * width + 1; at < (y + 1) * width - 1; at++) {
      const around =
        (pixels[at - 1] as number) +
        (pixels[at + 1] as number) +
        (pixels[at - width] as number) +
        (pixels[at + width] as number);
      const laplacian = around - 4 * (pixels[at] as number);
      sum += laplacian;
      squares += laplacian * laplacian;
    }
  return squares / count - (sum / count) ** 2;
}
