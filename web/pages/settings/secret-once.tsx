// A secret that is shown this once: it is in no list, no query memory and no storage, and gone when the dialog closes.
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";

/** The dialog. */
export const SecretOnce = ({
  title,
  secret,
  onClose,
}: {
  readonly title: string;
  readonly secret: string;
  readonly onClose: () => void;
}) => (
  <Dialog
    open
    onClose={onClose}
    title={title}
    footer={
      <Button look="primary" onClick={onClose}>
        I have kept it
      </Button>
    }
  >
    <div className="grid grid-cols-1 gap-3">
      <p className="text-sm text-ink-2">Copy it now. It is not shown again, and whoever has it can act for you.</p>
      <div className="flex items-center gap-2 rounded-lg border border-line bg-sunken py-1 pr-1 pl-3">
        <code className="min-w-0 flex-1 py-1 font-mono text-xs break-all select-all">{secret}</code>
        <CopyButton text={secret} label="Copy it" />
      </div>
    </div>
  </Dialog>
);
