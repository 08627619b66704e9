// What menus are made of, in a piece of its own: it is fetched when somebody is about to open one.
import { DropdownMenu } from "radix-ui";

export const { Root, Trigger, Portal, Content, Item, CheckboxItem, ItemIndicator, Label, Separator } = DropdownMenu;
