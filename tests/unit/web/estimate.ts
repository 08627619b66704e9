// What a plan may cost, as its events say it; no test looks at the figures.
const range = { low: 1, high: 2 };

/** An estimate. */
export const ESTIMATE = {
  cost_usd: range,
  duration_ms: range,
  input_tokens: range,
  output_tokens: range,
  risk: "low",
  basis: "assumptions",
  price_table: "x",
};
