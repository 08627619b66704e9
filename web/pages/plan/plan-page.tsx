// A run's plan. So far it is looked at over its time.
import { RunPage } from "../inspector/run-page.tsx";

/** The page. */
export const PlanPage = () => <RunPage />;
