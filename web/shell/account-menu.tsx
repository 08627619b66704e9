// Who is signed in, the theme, and the way out.
import { useSuspenseQuery } from "@tanstack/react-query";
import { BookOpen, ChevronsUpDown, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { meQuery } from "../data/queries.ts";
import { Menu, MenuChoice, MenuHeading, MenuItem, MenuLine } from "../ui/menu.tsx";
import { signOut } from "./sign-out.ts";
import { chooseTheme, currentTheme, THEME_WORDS, THEMES } from "./theme.ts";

const ICON = { system: <Monitor />, light: <Sun />, dark: <Moon /> } as const;

/** The menu at the foot of the sidebar. */
export const AccountMenu = () => {
  const { data: me } = useSuspenseQuery(meQuery);
  const [theme, setTheme] = useState(currentTheme);
  const name = me.email ?? me.id;
  return (
    <Menu
      wide
      trigger={
        <button
          type="button"
          className="flex h-9 w-full items-center gap-2.5 rounded-md px-2 text-left transition-colors hover:bg-hover data-[state=open]:bg-hover"
        >
          <span
            aria-hidden="true"
            className="flex size-5.5 shrink-0 items-center justify-center rounded-full bg-accent-soft text-2xs font-semibold text-accent uppercase"
          >
            {name.charAt(0)}
          </span>
          <span className="min-w-0 flex-1 truncate text-ink-2">{name}</span>
          <ChevronsUpDown className="size-3.5 text-ink-3" aria-hidden="true" />
        </button>
      }
    >
      <MenuHeading>{name}</MenuHeading>
      <MenuLine />
      {THEMES.map((one) => (
        <MenuChoice
          key={one}
          chosen={theme === one}
          icon={ICON[one]}
          onSelect={() => {
            chooseTheme(one);
            setTheme(one);
          }}
        >
          {THEME_WORDS[one]}
        </MenuChoice>
      ))}
      <MenuLine />
      <MenuItem icon={<BookOpen />} onSelect={() => window.open("/my/docs", "_blank", "noopener")}>
        API documentation
      </MenuItem>
      <MenuItem icon={<LogOut />} onSelect={signOut}>
        Sign out
      </MenuItem>
    </Menu>
  );
};
