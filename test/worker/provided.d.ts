// Types of what support/database.ts gives the worker's tests from outside of workerd.
import "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** For tests with random input: workerd sees no environment. */
    seeds: number[];
  }
}
