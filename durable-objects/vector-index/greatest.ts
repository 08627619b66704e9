// Picking the greatest of many numbers without bringing all of them into an order.

/** Where the `most` greatest stand, the greatest first; among equals by their place. What is not a number is passed over. */
export const greatest = (numbers: Float64Array, most: number, among: "first" | "last"): number[] => {
  // What is no number is sorted to the end.
  const sorted = numbers.slice().sort();
  let count = sorted.length;
  while (count > 0 && Number.isNaN(sorted[count - 1] ?? Number.NaN)) count -= 1;
  const floor = count <= most ? Number.NEGATIVE_INFINITY : (sorted[count - most] ?? Number.POSITIVE_INFINITY);
  const above: number[] = [];
  const level: number[] = [];
  for (let nth = 0; nth < numbers.length; nth += 1) {
    const at = among === "first" ? nth : numbers.length - 1 - nth;
    const number = numbers[at] ?? Number.NaN;
    if (number > floor) above.push(at);
    else if (number === floor) level.push(at);
  }
  // Sorting keeps the order of equals.
  above.sort((a, b) => (numbers[b] ?? 0) - (numbers[a] ?? 0));
  return [...above, ...level.slice(0, Math.max(0, most - above.length))];
};
