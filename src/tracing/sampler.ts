// Which requests are traced, by the names that OpenTelemetry gives to samplers. A parent-based one does as the caller
// says (the sampled flag of its traceparent) and asks its own rule only where a trace begins here.

import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";

type Rule = "always_on" | "always_off" | "traceidratio";
export type SamplerName = Rule | `parentbased_${Rule}`;

export function samplerOf(name: SamplerName, ratio: number): Sampler {
  const rules: Readonly<Record<Rule, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  const rule = name.replace("parentbased_", "") as Rule;
  const root = rules[rule]();
  return rule === name ? root : new ParentBasedSampler({ root });
}
