// Menus that drop down from a button. They leave the page behind them alone: holding it still would take a style element. What
// they are made of comes when the pointer or the focus is first on such a button, and nothing changes before one is opened.
import { Check } from "lucide-react";
import {
  type ComponentProps,
  cloneElement,
  createContext,
  type ReactElement,
  type ReactNode,
  use,
  useState,
} from "react";
import { pageOf } from "../app/pieces.ts";
import { cx } from "./class-names.ts";
import { Keys } from "./keys.tsx";
import { usePortalHome } from "./portal-home.ts";
import { toastError } from "./toast.tsx";

type Piece = typeof import("./menu-piece.ts");

const ITEM =
  "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm outline-none select-none data-[highlighted]:bg-hover data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3";

let fetched: Promise<Piece> | null = null;
const fetchPiece = (): Promise<Piece> => {
  fetched ??= pageOf(() => import("./menu-piece.ts")).catch((error: unknown) => {
    fetched = null;
    throw error;
  });
  return fetched;
};
const fetchAhead = () => void fetchPiece().catch(() => {});

const Made = createContext<Piece | null>(null);

/** What the parts of an open menu are made of. */
const usePiece = (): Piece => {
  const piece = use(Made);
  if (piece === null) throw new Error("a part of a menu stands outside one");
  return piece;
};

/** A menu below its trigger. */
export const Menu = ({
  trigger,
  align = "start",
  wide = false,
  children,
}: {
  readonly trigger: ReactElement<ComponentProps<"button">>;
  readonly align?: "start" | "end";
  readonly wide?: boolean;
  readonly children: ReactNode;
}) => {
  const home = usePortalHome();
  const [piece, setPiece] = useState<Piece | null>(null);
  const open = () => void fetchPiece().then(setPiece, toastError);
  if (piece === null)
    return cloneElement(trigger, {
      "aria-haspopup": "menu",
      "aria-expanded": false,
      onPointerEnter: fetchAhead,
      onFocus: fetchAhead,
      onClick: open,
      onKeyDown: (event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        open();
      },
    });
  const { Root, Trigger, Portal, Content } = piece;
  return (
    <Made value={piece}>
      <Root modal={false} defaultOpen>
        <Trigger asChild>{trigger}</Trigger>
        <Portal container={home}>
          <Content
            align={align}
            sideOffset={5}
            collisionPadding={8}
            className={cx(
              "z-50 max-h-(--radix-dropdown-menu-content-available-height) animate-appear overflow-y-auto rounded-lg border border-line bg-raised p-1 text-ink shadow-float",
              wide ? "w-64" : "min-w-44",
            )}
          >
            {children}
          </Content>
        </Portal>
      </Root>
    </Made>
  );
};

/** One thing to do. */
export const MenuItem = ({
  icon,
  keys,
  danger = false,
  disabled = false,
  onSelect,
  children,
}: {
  readonly icon?: ReactNode;
  readonly keys?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) => {
  const { Item } = usePiece();
  return (
    <Item disabled={disabled} onSelect={onSelect} className={cx(ITEM, danger && "text-danger [&_svg]:text-danger")}>
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {keys === undefined ? null : <Keys keys={keys} />}
    </Item>
  );
};

/** One of several, with a mark at the one that is chosen. */
export const MenuChoice = ({
  chosen,
  icon,
  onSelect,
  children,
}: {
  readonly chosen: boolean;
  readonly icon?: ReactNode;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) => {
  const { CheckboxItem, ItemIndicator } = usePiece();
  return (
    <CheckboxItem checked={chosen} onSelect={onSelect} className={ITEM}>
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      <ItemIndicator>
        <Check />
      </ItemIndicator>
    </CheckboxItem>
  );
};

/** A heading inside a menu. */
export const MenuHeading = ({ children }: { readonly children: ReactNode }) => {
  const { Label } = usePiece();
  return <Label className="truncate px-2 pt-1.5 pb-1 text-xs text-ink-3">{children}</Label>;
};

/** A line between groups. */
export const MenuLine = () => {
  const { Separator } = usePiece();
  return <Separator className="mx-1 my-1 h-px bg-line" />;
};
