// Picking the greatest of many numbers without bringing all of them into an order.

/** Where the `most` greatest stand, the greatest first; among equals by their place. What is not a number is passed over. */
export const greatest = (numbers: Float64Array, most: number, among: "first" | "last"): number[] => {
  const places: number[] = [];
  for (let at = 0; at < numbers.length; at++) if (!Number.isNaN(numbers[at] ?? Number.NaN)) places.push(at);
  if (among === "last") places.reverse();
  const of = (place: number): number => numbers[place] ?? 0;
  if (places.length <= most) return places.sort((a, b) => of(b) - of(a));
  const sorted = Float64Array.from(places, of).sort();
  const floor = sorted[sorted.length - most] ?? Number.POSITIVE_INFINITY;
  const above = places.filter((place) => of(place) > floor);
  const level = places.filter((place) => of(place) === floor);
  // Sorting keeps the order of equals.
  return [...above.sort((a, b) => of(b) - of(a)), ...level.slice(0, most - above.length)];
};
