// A feed for as long as a page shows it.
import { useEffect, useState, useSyncExternalStore } from "react";

/** What can be followed. */
interface Feed<V> {
  readonly view: () => V;
  readonly subscribe: (watcher: () => void) => () => void;
  /** Loads and follows; returns how to end it. */
  start(): () => void;
  /** Loads what came before. */
  earlier(): Promise<void>;
}

/** Its view, and the way to what came before. Another `make` is another feed: keep it while it is to be the same. */
export const useFeed = <V>(make: () => Feed<V>): { readonly view: V; readonly earlier: () => void } => {
  const [feed, setFeed] = useState(make);
  useEffect(() => {
    const next = make();
    setFeed(next);
    return next.start();
  }, [make]);
  const view = useSyncExternalStore(feed.subscribe, feed.view);
  return { view, earlier: () => void feed.earlier() };
};
