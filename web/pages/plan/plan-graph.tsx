// The plan drawn, layers from left to right. No node is measured, none comes or goes while the drawing moves, and from afar a
// step is its colour alone by a style of the whole, so two hundred steps move like three. It is gone through by arrow keys.
import "@xyflow/react/dist/base.css";
import "./plan-graph.css";
import {
  type Edge,
  getViewportForBounds,
  MarkerType,
  Position,
  ReactFlow,
  ReactFlowProvider,
  type ReactFlowState,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { Maximize, ZoomIn, ZoomOut } from "lucide-react";
import { type KeyboardEvent, startTransition, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { IconButton } from "../../ui/button.tsx";
import { linesOf, neighbour, placed } from "./graph.ts";
import type { PlanStep } from "./plan-steps.ts";
import { NODE, type StepNode, StepNodeView } from "./step-node.tsx";

const GAP = { x: 72, y: 24 } as const;
const TYPES = { step: StepNodeView };
const HALF = NODE.height / 2;
// Said beforehand, so that lines can be drawn to nodes that are not there.
const HANDLES: NonNullable<StepNode["handles"]> = [
  { type: "target", position: Position.Left, x: 0, y: HALF, width: 1, height: 1 },
  { type: "source", position: Position.Right, x: NODE.width, y: HALF, width: 1, height: 1 },
];
/** A plan of so few steps is shown whole whenever something beside it opens or closes. */
const FEW = 12;
const FARTHEST = 0.05;
const PADDING = 0.12;
const SETTLE_MS = 80;
/** Where words are no words any more; they would cost as much as if they were. */
const isFarAway = ({ transform: [, , zoom] }: ReactFlowState): boolean => zoom < 0.4;
const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const;

const Inside = ({
  steps,
  chosen,
  onChoose,
}: {
  readonly steps: readonly PlanStep[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}) => {
  const flow = useReactFlow();
  const isFar = useStore(isFarAway);
  // What is in sight comes first, the rest piece by piece after it.
  const [isWhole, setIsWhole] = useState(false);
  useEffect(() => startTransition(() => setIsWhole(true)), []);
  const shape = steps.map(({ id, dependsOn }) => `${id}<${dependsOn.join()}`).join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: places change with the shape, not with how a step stands
  const places = useMemo(() => placed(steps), [shape]);
  const nodes = useMemo(() => {
    const byId = new Map(steps.map((step) => [step.id, step]));
    return places.flatMap(({ id, layer, row }): StepNode[] => {
      const step = byId.get(id);
      if (step === undefined) return [];
      const position = { x: layer * (NODE.width + GAP.x), y: row * (NODE.height + GAP.y) };
      const data = { step, chosen: id === chosen, onChoose };
      return [{ id, type: "step", position, data, ...NODE, handles: HANDLES }];
    });
  }, [places, steps, chosen, onChoose]);
  const edges = useMemo(() => {
    const status = new Map(steps.map((step) => [step.id, step.status]));
    return linesOf(steps).map(
      ({ id, from, to }): Edge => ({
        id,
        source: from,
        target: to,
        focusable: false,
        animated: status.get(to) === "running",
        className: id.startsWith(`${chosen}>`) || to === chosen ? "is-chosen" : "",
        markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
      }),
    );
  }, [steps, chosen]);
  const centre = ({ layer, row }: (typeof places)[number], zoom: number) =>
    flow.setCenter(layer * (NODE.width + GAP.x) + NODE.width / 2, row * (NODE.height + GAP.y) + HALF, { zoom });
  const box = useRef<HTMLElement>(null);
  const showAll = () => {
    if (box.current === null) return;
    const { clientWidth, clientHeight } = box.current;
    const columns = Math.max(0, ...places.map(({ layer }) => layer)) + 1;
    const rows = Math.max(0, ...places.map(({ row }) => row)) + 1;
    const width = columns * (NODE.width + GAP.x) - GAP.x;
    const height = rows * (NODE.height + GAP.y) - GAP.y;
    const bounds = { x: 0, y: 0, width, height };
    flow.setViewport(getViewportForBounds(bounds, clientWidth, clientHeight, FARTHEST, 1, PADDING));
  };
  const asked = useRef({ chosen, shape });
  // What opens beside the drawing takes its room: what was chosen stays in sight.
  useEffect(() => {
    if (asked.current.chosen === chosen && asked.current.shape === shape) return;
    asked.current = { chosen, shape };
    // After the drawing has learnt how much room is left.
    setTimeout(() => {
      if (places.length <= FEW) return showAll();
      const at = places.find(({ id }) => id === chosen);
      if (at === undefined || box.current === null) return;
      const { x, y, zoom } = flow.getViewport();
      const left = at.layer * (NODE.width + GAP.x) * zoom + x;
      const top = at.row * (NODE.height + GAP.y) * zoom + y;
      const { clientWidth, clientHeight } = box.current;
      const isSeen =
        left >= 0 && top >= 0 && left + NODE.width * zoom <= clientWidth && top + NODE.height * zoom <= clientHeight;
      if (!isSeen) centre(at, zoom);
    }, SETTLE_MS);
  });
  // A window that becomes smaller, or a phone that is turned.
  const isSmall = places.length <= FEW;
  const showAllNow = useEffectEvent(showAll);
  useEffect(() => {
    if (box.current === null || !isSmall) return;
    let width = box.current.clientWidth;
    const watcher = new ResizeObserver(([entry]) => {
      if (entry === undefined || Math.abs(entry.contentRect.width - width) < 1) return;
      width = entry.contentRect.width;
      showAllNow();
    });
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, [isSmall]);
  const onKeyDown = (event: KeyboardEvent) => {
    const key = ARROWS.find((one) => one === event.key);
    if (key === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const next = chosen === null ? (places[0]?.id ?? null) : neighbour(places, chosen, key);
    const at = places.find(({ id }) => id === next);
    if (next === null || at === undefined) return;
    onChoose(next);
    if (places.length > FEW) centre(at, Math.max(flow.getZoom(), 0.6));
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-plan-step="${next}"]`)?.focus());
  };
  return (
    <section
      ref={box}
      aria-label="The plan’s steps"
      data-far={isFar ? "" : undefined}
      className="plan-graph relative h-full min-h-0 flex-1"
      onKeyDown={onKeyDown}
    >
      <ReactFlow<StepNode>
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        onlyRenderVisibleElements={!isWhole}
        fitView
        fitViewOptions={{ padding: PADDING, maxZoom: 1, minZoom: 0.5 }}
        minZoom={FARTHEST}
        maxZoom={1.5}
        deleteKeyCode={null}
        disableKeyboardA11y
      />
      <div className="absolute bottom-3 left-3 flex rounded-md border border-line bg-raised shadow-float">
        <IconButton label="Closer" onClick={() => flow.zoomIn()}>
          <ZoomIn />
        </IconButton>
        <IconButton label="Farther" onClick={() => flow.zoomOut()}>
          <ZoomOut />
        </IconButton>
        <IconButton label="All of it" onClick={showAll}>
          <Maximize />
        </IconButton>
      </div>
    </section>
  );
};

/** The drawing. */
export const PlanGraph = (given: {
  readonly steps: readonly PlanStep[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}) => (
  <ReactFlowProvider>
    <Inside {...given} />
  </ReactFlowProvider>
);
