// Whether an axis of a profile can go anywhere: its limits in their order, its home and its start between them. The same
// for every driver.
import { isWithin } from "./axis.ts";

interface Issue {
  readonly key: string;
  readonly message: string;
}

const numberIn = (options: object, key: string): number | null => {
  const value: unknown = Reflect.get(options, key);
  return typeof value === "number" ? value : null;
};

/** Of a camera: the limits of its lens in their order. */
export function wrongFocus(options: object): Issue[] {
  const focus: unknown = Reflect.get(options, "focus");
  if (typeof focus !== "object" || focus === null) return [];
  return wrongTravel(focus).map(({ key, message }) => ({ key: `focus.${key}`, message }));
}

/** @param options of one device, of any driver; of those without limits nothing is said */
export function wrongTravel(options: object): Issue[] {
  if (Reflect.get(options, "is_continuous") === true) return [];
  return ["um", "degrees", "dioptres"].flatMap((unit) => {
    const [min, max] = [numberIn(options, `min_${unit}`), numberIn(options, `max_${unit}`)];
    if (min === null || max === null) return [];
    if (min >= max)
      return [{ key: `max_${unit}`, message: `expected more than min_${unit} (${min}), found ${max}` }];
    return [`home_${unit}`, `start_${unit}`].flatMap((key) => {
      const place = numberIn(options, key);
      if (place === null || isWithin(place, { min, max })) return [];
      return [{ key, message: `expected a place inside the limits ${min} to ${max}, found ${place}` }];
    });
  });
}
