// Copies a text, and says that it did.
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { IconButton } from "./button.tsx";
import { toastError } from "./toast.tsx";

const SAID_MS = 1_600;

/** A button that copies `text`. */
export const CopyButton = ({ text, label = "Copy" }: { readonly text: string; readonly label?: string }) => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      label={copied ? "Copied" : label}
      onClick={() =>
        navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => toastError(new Error("The browser did not let us copy; select the text instead")),
        )
      }
    >
      {copied ? <Check className="text-ok" /> : <Copy />}
    </IconButton>
  );
};
