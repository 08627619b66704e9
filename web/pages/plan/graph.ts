// A plan as a drawing: layers from left to right, each step in the row that crosses the fewest lines, and the lines between.

/** A step as far as the drawing needs it. */
export interface Drawable {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** A step in its place. */
export interface Placed {
  readonly id: string;
  readonly layer: number;
  readonly row: number;
}

/** A line from a step to one that waits for it. */
export interface Line {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

/** The layer of each step: one more than the highest it waits for. Steps in a circle stand where the circle was entered. */
export const layersOf = (steps: readonly Drawable[]): ReadonlyMap<string, number> => {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const layers = new Map<string, number>();
  const open = new Set<string>();
  const layerOf = (id: string): number => {
    const known = layers.get(id);
    if (known !== undefined) return known;
    const step = byId.get(id);
    if (step === undefined || open.has(id)) return -1;
    open.add(id);
    const layer = Math.max(-1, ...step.dependsOn.map(layerOf)) + 1;
    open.delete(id);
    layers.set(id, layer);
    return layer;
  };
  for (const { id } of steps) layerOf(id);
  return layers;
};

/** Every step in its place: in its layer, near the middle of what it waits for. */
export const placed = (steps: readonly Drawable[]): readonly Placed[] => {
  const layers = layersOf(steps);
  const columns: Drawable[][] = [];
  for (const step of steps) {
    const layer = layers.get(step.id) ?? 0;
    columns[layer] = [...(columns[layer] ?? []), step];
  }
  const rows = new Map<string, number>();
  const places: Placed[] = [];
  for (const [layer, column = []] of columns.entries()) {
    const wish = (step: Drawable, at: number): number => {
      const above = step.dependsOn.flatMap((id) => rows.get(id) ?? []);
      return above.length === 0 ? at : above.reduce((sum, row) => sum + row, 0) / above.length;
    };
    const wishes = new Map(column.map((step, at) => [step.id, wish(step, at)]));
    const sorted = column.toSorted((one, other) => (wishes.get(one.id) ?? 0) - (wishes.get(other.id) ?? 0));
    for (const [row, { id }] of sorted.entries()) {
      rows.set(id, row);
      places.push({ id, layer, row });
    }
  }
  return places;
};

/** The lines, each once, between steps there are. */
export const linesOf = (steps: readonly Drawable[]): readonly Line[] => {
  const ids = new Set(steps.map(({ id }) => id));
  return steps.flatMap(({ id, dependsOn }) =>
    [...new Set(dependsOn)].filter((from) => ids.has(from)).map((from) => ({ id: `${from}>${id}`, from, to: id })),
  );
};

/** Where an arrow key leads from a step: along its layer, or to the next one at about the same height. Null: nowhere. */
export const neighbour = (
  places: readonly Placed[],
  from: string,
  key: "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown",
): string | null => {
  const at = places.find(({ id }) => id === from);
  if (at === undefined) return places[0]?.id ?? null;
  if (key === "ArrowUp" || key === "ArrowDown") {
    const row = at.row + (key === "ArrowDown" ? 1 : -1);
    return places.find((one) => one.layer === at.layer && one.row === row)?.id ?? null;
  }
  const layer = at.layer + (key === "ArrowRight" ? 1 : -1);
  const near = places
    .filter((one) => one.layer === layer)
    .toSorted((one, other) => Math.abs(one.row - at.row) - Math.abs(other.row - at.row));
  return near[0]?.id ?? null;
};
