// Light, dark, or as the system has it; kept in this browser.
import { useState } from "react";
import { chooseTheme, currentTheme, THEME_WORDS, THEMES } from "../../shell/theme.ts";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/section.tsx";

/** The choice. */
export const Appearance = () => {
  const [theme, setTheme] = useState(currentTheme);
  return (
    <Section title="Theme" about="Kept in this browser.">
      <div className="flex flex-wrap gap-2">
        {THEMES.map((one) => (
          <Button
            key={one}
            aria-pressed={theme === one}
            className="aria-pressed:border-accent aria-pressed:text-accent"
            onClick={() => {
              chooseTheme(one);
              setTheme(one);
            }}
          >
            {THEME_WORDS[one]}
          </Button>
        ))}
      </div>
    </Section>
  );
};
